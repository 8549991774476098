"""`hub edi`: EDIFACT files read and written without a hub."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.callback()
def edi() -> None:
    """Read and write EDIFACT files without a hub."""


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
