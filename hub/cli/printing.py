"""What commands print: JSON for machines, a table for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

WIDE = 240
"""Columns of a table that goes to a file or another program."""

NOT_DONE = ("refused", "parked")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show_json(value: Any) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_outcome(answer: Mapping[str, Any]) -> None:
    """Print what became of a command; exit code 1 if a service refused or parked it."""
    show_json(answer)
    if any(one["outcome"] in NOT_DONE for one in answer.get("outcomes", ())):
        raise typer.Exit(1)


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as a table with these columns, or whole as JSON."""
    if as_json:
        show_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*[name.replace("_", " ") for name in columns], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*[cell(row.get(name)) for name in columns])
    width = None if sys.stdout.isatty() else WIDE
    Console(highlight=False, width=width).print(table if rows else "nothing")


def show_fields(fields: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: a line a field, or JSON."""
    if as_json:
        show_json(fields)
        return
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        sys.stdout.write(f"{name.replace('_', ' '):<{width}}  {cell(value)}\n")


def cell(value: Any) -> str:
    """Return a value as it stands in a table: nothing for None, words beside each other, no markup."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ", ".join(value)
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    return text.replace("[", r"\[")


def show_title(text: str) -> None:
    """Print a title between tables."""
    sys.stdout.write(f"\n{text}\n")


def say(text: str) -> None:
    """Print a line for people, beside the output."""
    sys.stderr.write(text + "\n")
