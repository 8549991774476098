"""`hub edi`: EDIFACT files read and written without a hub."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.printing import AsJson, show_json

app = typer.Typer()
Profile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="The agreement to hold it against (TOML).")
]


@app.callback()
def edi() -> None:
    """Read and write EDIFACT files without a hub."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")],
    profile: Profile = None,
    as_json: AsJson = False,  # noqa: FBT002 - an option of the command line
) -> None:
    """Tell everything that is wrong with a file, and where; exit code 0 valid, 1 not valid, 2 not readable.

    Without a profile each message is held against the directory that it names.
    """
    from hub.cli import checking
    from hub.translators.edifact.telling import report_data

    report = checking.checked(file.read_bytes(), profile)
    if as_json:
        show_json(report_data(report))
    else:
        _print(checking.as_text(report, file.name))
    raise typer.Exit(checking.EXIT_CODES[report.verdict])


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")],
    profile: Profile = None,
    as_json: AsJson = False,  # noqa: FBT002 - an option of the command line
    as_html: Annotated[bool, typer.Option("--html", help="Print a page for a browser.")] = False,  # noqa: FBT002 - as above
) -> None:
    """Tell a file in words: each segment, what its elements are called, what its codes mean, and what is wrong."""
    from hub.cli import checking, explained
    from hub.translators.edifact.telling import explained_data

    told = checking.explained(file.read_bytes(), profile)
    if as_json:
        show_json(explained_data(told))
    elif as_html:
        from hub.web.edifact import as_page

        sys.stdout.write(as_page(told, file.name))
    else:
        _print(explained.as_text(told, file.name))
    raise typer.Exit(checking.EXIT_CODES[told.report.verdict])


@app.command()
def tree(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")],
    profile: Profile = None,
) -> None:
    """Print the segments of a file, each indented by the groups that it stands in, and what is wrong below it."""
    from hub.cli import checking, explained

    told = checking.explained(file.read_bytes(), profile)
    _print(explained.as_tree(told, file.name))
    raise typer.Exit(checking.EXIT_CODES[told.report.verdict])


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")],
    to: Annotated[str, typer.Option(help="What to make of it; only canonical so far.")] = "canonical",
) -> None:
    """Print the orders of a file as canonical JSON, and what is wrong with them; exit code 1 if anything is."""
    from hub.cli.converting import canonical

    if to != "canonical":
        raise typer.BadParameter(f"{to!r}: only canonical so far", param_hint="--to")
    converted, clean = canonical(file.read_bytes())
    sys.stdout.write(converted)
    raise typer.Exit(0 if clean else 1)


def _print(lines: Iterable[str]) -> None:
    """Print lines that quote a stranger's file: a terminal obeys control characters, so none is left in them."""
    from hub.translators.edifact.quoting import with_faces

    sys.stdout.writelines(f"{with_faces(line)}\n" for line in lines)
