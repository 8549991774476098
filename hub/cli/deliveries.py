"""`hub delivery`: what the warehouse does with a delivery order."""

from typing import Annotated, Any

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_outcome, show_rows

app = typer.Typer()
WAIT = 30
Number = Annotated[str, typer.Argument(help="The delivery order's number.")]


@app.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="planned, released, picked, packed, shipped, cancelled.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List delivery orders: of a state the oldest first, else the newest first."""
    found = call(lambda api: api.get("/deliveries", state=state))
    show_rows(found, ("number", "order_number", "state", "despatch_number", "tracking"), as_json=as_json)


@app.command()
def release(number: Number) -> None:
    """Let picking start."""
    _move(number, "release", {})


@app.command()
def pick(
    number: Number,
    line: Annotated[list[str], typer.Option(help="<line>=<quantity found>; none means everything.")] = [],  # noqa: B006 - typer copies it
) -> None:
    """Confirm what was picked."""
    _move(number, "pick", {"lines": [_found(each) for each in line]})


@app.command()
def pack(number: Number) -> None:
    """Pack everything that was picked into one carton on one pallet; the API takes other packages."""
    _move(number, "pack", {})


@app.command()
def ship(
    number: Number,
    carrier: Annotated[str | None, typer.Option()] = None,
    vehicle: Annotated[str | None, typer.Option(help="Number plate or ship.")] = None,
    tracking: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Despatch: the goods leave the house."""
    given = {"carrier": carrier, "vehicle": vehicle, "tracking": tracking}
    _move(number, "ship", {name: value for name, value in given.items() if value is not None})


@app.command()
def cancel(number: Number, reason: Annotated[str, typer.Option(help="Why it does not leave.")]) -> None:
    """Take a delivery order off before it leaves; what it held is open again."""
    _move(number, "cancel", {"reason": reason})


@app.command()
def replan(number: Number) -> None:
    """Put what is open again of its order into a further delivery order."""
    _move(number, "replan", {})


def _move(number: str, move: str, body: dict[str, Any]) -> None:
    show_outcome(call(lambda api: api.post(f"/deliveries/{number}/{move}", body, wait=WAIT)))


def _found(text: str) -> dict[str, str]:
    line, equals, quantity = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not <line>=<quantity>")
    return {"line_id": line, "quantity": quantity}
