"""`hub import`: master data and opening stock from CSV files."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import show_outcome

KINDS = ("items", "prices", "vat", "stock", "parties", "stores")

app = typer.Typer()
WAIT = 30


def _command(kind: str) -> Callable[..., None]:
    def run(
        file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file with a header line.")],
        *,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    ) -> None:
        content = file.read_bytes()
        show_outcome(
            call(lambda api: api.send(f"/imports/{kind}", content, "text/csv", dry_run=dry_run or None, wait=WAIT))
        )

    run.__doc__ = f"Import {kind}; every mistake is told by line and column."
    return run


for _kind in KINDS:
    app.command(_kind)(_command(_kind))
