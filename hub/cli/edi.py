"""`hub edi`: EDIFACT files read and written without a hub."""

import os
import sys
from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from hub.cli import directories
from hub.cli.printing import AsJson, show_json
from hub.errors import Unusable

if TYPE_CHECKING:
    from hub.canonical.agreement import Agreement, Edition
    from hub.translators.edifact.slices import FileBytes

app = typer.Typer()
app.add_typer(directories.app, name="directory")
EXIT_CODES = {"valid": 0, "findings": 1, "unreadable": 2}
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")]
NewFile = Annotated[Path, typer.Option(help="The file to write; it must not be there yet.")]
Profile = Annotated[
    str | None, typer.Option(help="What to hold it against: an agreement (TOML), EANCOM.1997 or EANCOM.2002.")
]


@app.callback()
def edi() -> None:
    """Read and write EDIFACT files without a hub."""
    from hub.app.directories import hold_imported
    from hub.settings import load

    hold_imported(load())


@app.command()
def check(
    file: File,
    profile: Profile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell everything that is wrong with a file, and where; exit code 0 valid, 1 not valid, 2 not readable.

    Without a profile each message is held against the directory that it names.
    """
    from hub.cli import checking
    from hub.translators.edifact.checking import examine
    from hub.translators.edifact.telling import report_data

    report = examine(_content(file), *_terms(profile))
    if as_json:
        show_json(report_data(report))
    else:
        _print(checking.as_text(report, file.name))
    raise typer.Exit(EXIT_CODES[report.verdict])


@app.command()
def explain(
    file: File,
    profile: Profile = None,
    *,
    as_json: AsJson = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page for a browser.")] = False,
) -> None:
    """Tell a file in words: each segment, what its elements are called, what its codes mean, and what is wrong."""
    from hub.cli import explained
    from hub.translators.edifact import explaining
    from hub.translators.edifact.telling import explained_data

    told = explaining.explain(_content(file), *_terms(profile))
    if as_json:
        show_json(explained_data(told))
    elif as_html:
        from hub.web.edifact import as_page

        sys.stdout.write(as_page(told, file.name))
    else:
        _print(explained.as_text(told, file.name))
    raise typer.Exit(EXIT_CODES[told.report.verdict])


@app.command()
def tree(
    file: File,
    profile: Profile = None,
) -> None:
    """Print the segments of a file, each indented by the groups that it stands in, and what is wrong below it."""
    from hub.cli import explained
    from hub.translators.edifact import explaining

    told = explaining.explain(_content(file), *_terms(profile))
    _print(explained.as_tree(told, file.name))
    raise typer.Exit(EXIT_CODES[told.report.verdict])


@app.command()
def diff(
    before: File,
    after: File,
) -> None:
    """Tell what the second file says otherwise than the first; exit code 1 if anything.

    Separators, line breaks, and the dates, references and counts of the envelope do not matter.
    """
    from hub.cli import explained
    from hub.translators.edifact.comparing import compare

    changes = compare(_content(before), _content(after))
    _print(explained.as_difference(changes))
    raise typer.Exit(1 if changes else 0)


@app.command()
def sample(
    message: Annotated[str, typer.Argument(help="A message type: INVOIC, DESADV, ...")],
    directory: Annotated[str, typer.Option(help="D.96A, D.01B, or one imported; a profile has its own.")] = "D.96A",
    profile: Profile = None,
    seed: Annotated[str, typer.Option(help="Other words, other values.")] = "",
    *,
    full: Annotated[bool, typer.Option("--full", help="Every segment that may be there, not those that must.")] = False,
) -> None:
    """Print an interchange with one message that is right by its directory, or profile, and says nothing sensible."""
    from hub.translators.edifact.directory import held_names
    from hub.translators.edifact.examples import example

    if directory not in held_names():
        raise typer.BadParameter(f"{directory!r}: {' or '.join(held_names())}", param_hint="--directory")
    text = example(message, *_terms(profile), directory_name=directory, seed=seed, full=full)
    _print(f"{segment}'" for segment in text.decode("ascii").split("'")[:-1])


@app.command()
def guide(
    agreement: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An agreement (TOML).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Print the implementation guide of an agreement as a page to send to the partner."""
    from hub.store.agreements import read
    from hub.translators.edifact.guide_book import guide_book

    book = guide_book(read(agreement.read_bytes()))
    if as_json:
        show_json(book.model_dump(mode="json"))
    else:
        from hub.web.edifact import as_guide

        sys.stdout.write(as_guide(book))


@app.command()
def anonymise(
    file: File,
    to: NewFile,
    seed: Annotated[str, typer.Option(help="Replace as another time with the same words; else at random.")] = "",
) -> None:
    """Write a file that others may see: the structure as it was, other names, numbers and prices in it.

    Equal values become equal ones, check digits are right, and what added up still does.
    """
    from secrets import token_bytes

    from hub.translators.edifact.anonymising import anonymised

    made = b"".join(anonymised(_content(file), os.fsencode(seed) or token_bytes(32)))
    with _created(to) as written:
        written.write(made)


@app.command()
def split(
    file: File,
    to: Annotated[Path, typer.Option(file_okay=False, help="The folder to write to.")],
) -> None:
    """Write each interchange of a file to a file of its own: `<name>-0001.edi` and so on."""
    from hub.translators.edifact.checking import chunks_of
    from hub.translators.edifact.slices import split as slices

    data = _content(file)
    for number, one in enumerate(slices(data), 1):
        with _created(to / f"{file.stem}-{number:04d}{file.suffix}") as written:
            written.writelines(chunks_of(data, one))


@app.command()
def join(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="EDIFACT files.")],
    to: NewFile,
) -> None:
    """Write the interchanges of several files into one file, in this order."""
    with _created(to) as written:
        for file in files:
            written.write(file.read_bytes().rstrip() + b"\n")


@app.command()
def convert(
    file: File,
    to: Annotated[str, typer.Option(help="canonical (JSON), D.96A, D.01B, or a directory imported.")] = "canonical",
) -> None:
    """Print the documents of a file in another form: of EDIFACT or of canonical JSON, as JSON or in a directory.

    Exit code 1 if something is wrong with the file, or lost on the way; what is lost is told on stderr.
    """
    from datetime import UTC, datetime

    from hub.translators.edifact.converting import as_json, read_any, write_file
    from hub.translators.edifact.directory import held_names

    data = file.read_bytes()
    if to not in {"canonical", *held_names()}:
        raise typer.BadParameter(f"{to!r}: canonical, {' or '.join(held_names())}", param_hint="--to")
    converted, clean = read_any(data)
    if to == "canonical":
        sys.stdout.write(as_json(converted))
        raise typer.Exit(0 if clean else 1)
    written = write_file(converted, to, datetime.now(UTC))
    sys.stdout.buffer.write(written.data)
    for told in written.lost:
        typer.echo(told, err=True)
    raise typer.Exit(1 if written.lost or not clean else 0)


def _terms(profile: str | None) -> "tuple[Agreement | None, Edition | None]":
    """Return the agreement, or the edition, to hold a file against. Raises PartnerError for a wrong agreement."""
    from hub.store.agreements import read
    from hub.translators.edifact.layers import EDITIONS

    if profile is None:
        return None, None
    edition = next((one for one in EDITIONS if one == profile), None)
    if edition is not None:
        return None, edition
    try:
        return read(Path(profile).read_bytes()), None
    except OSError as error:
        named = " or ".join(EDITIONS)
        raise typer.BadParameter(f"{profile} is neither a file nor {named}", param_hint="--profile") from error


def _content(path: Path) -> "FileBytes":
    """Return a file's bytes, mapped into memory: however large it is, little of it is held. A pipe is read whole."""
    if not path.is_file() or not path.stat().st_size:
        return path.read_bytes()
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)


def _created(path: Path) -> BinaryIO:
    """Return a new file to write to: what is there already is never overwritten. Raises Unusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}") from error


def _print(lines: Iterable[str]) -> None:
    """Print lines that quote a stranger's file: a terminal obeys control characters, so none is left in them."""
    from hub.translators.edifact.quoting import with_faces

    sys.stdout.writelines(f"{with_faces(line)}\n" for line in lines)
