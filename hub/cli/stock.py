"""`hub stock`: quantities on hand, reserved and free."""

from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_outcome, show_rows

app = typer.Typer()
WAIT = 30


@app.command()
def show(sku: Annotated[str | None, typer.Argument()] = None, *, as_json: AsJson = False) -> None:
    """Show what is on hand, reserved and free."""
    found = call(lambda api: api.get("/stock", sku=sku))
    show_rows(found, ("sku", "location", "on_hand", "reserved", "free"), as_json=as_json)


@app.command(context_settings={"ignore_unknown_options": True})
def adjust(
    sku: Annotated[str, typer.Argument()],
    quantity: Annotated[str, typer.Argument(help="Into stock, or out of it with a minus.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the movement.")],
    location: Annotated[str, typer.Option()] = "main",
) -> None:
    """Move stock in or out."""
    body = {"reason": reason, "movements": [{"sku": sku, "location": location, "quantity": quantity}]}
    show_outcome(call(lambda api: api.post("/stock/adjust", body, wait=WAIT)))
