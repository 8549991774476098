"""`hub order`: one order with everything that happened to it."""

from typing import Annotated, Any

import typer

from hub.cli.connection import Api, call
from hub.cli.printing import AsJson, show_fields, show_json, show_rows, show_title
from hub.errors import BusinessRefusal

app = typer.Typer()
ORDER = ("number", "partner", "buyers_number", "state", "total", "currency", "received_at")
LINE = ("line_id", "sku", "ordered", "confirmed", "backordered", "rejected", "shipped", "invoiced", "paid_amount")
EVENT = ("at", "type", "subject", "source", "services")
DOCUMENT = ("created_at", "kind", "reference", "partner", "transport", "state", "acknowledged")


@app.command("list")
def list_(
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List the last orders."""
    found = call(lambda api: api.get("/orders", partner=partner, limit=limit))
    show_rows(found["orders"], ORDER, as_json=as_json)


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="Our number, or <partner>/<their number>.")], *, as_json: AsJson = False
) -> None:
    """Show an order: its lines with their quantities, and its timeline."""
    found = call(lambda api: _order(api, number))
    if as_json:
        show_json(found)
        return
    order = found["order"]
    show_fields({name: value for name, value in order.items() if not isinstance(value, dict | list)}, as_json=False)
    for title, rows, columns in (
        ("Lines", [line | line["quantities"] for line in order["lines"]], LINE),
        ("Events", found["timeline"]["events"], EVENT),
        ("Documents sent", found["timeline"]["documents"], DOCUMENT),
    ):
        show_title(title)
        show_rows(rows, columns, as_json=False)


async def _order(api: Api, number: str) -> dict[str, Any]:
    partner, slash, theirs = number.partition("/")
    if slash:
        found = (await api.get("/orders", partner=partner, number=theirs))["orders"]
        if not found:
            raise BusinessRefusal(f"{partner} has sent no order {theirs}, or it is not decided yet")
        if len(found) > 1:
            named = ", ".join(one["number"] for one in found)
            raise BusinessRefusal(f"{len(found)} orders of {partner} have the number {theirs}: {named}")
        number = found[0]["number"]
    order = await api.get(f"/orders/{number}")
    timeline = await api.get(f"/orders/{number}/timeline")
    return {"order": order, "timeline": timeline}
