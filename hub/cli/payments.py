"""`hub payment`: money that has come in."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_outcome, show_rows

app = typer.Typer()
WAIT = 30


@app.command("list")
def list_(
    *,
    unallocated: Annotated[bool, typer.Option(help="Only those that have something left.")] = False,
    as_json: AsJson = False,
) -> None:
    """List payments with what they were put against."""
    found = call(lambda api: api.get("/payments", unallocated=unallocated))
    show_rows(found, ("reference", "means", "amount", "currency", "unallocated", "booked_at"), as_json=as_json)


@app.command()
def record(
    reference: Annotated[str, typer.Argument(help="The bank's own id of the payment: the same id is the same money.")],
    amount: Annotated[str, typer.Argument(help="For example 119.00")],
    currency: Annotated[str, typer.Option()] = "EUR",
    invoice: Annotated[list[str], typer.Option(help="An invoice that it pays; may be given several times.")] = [],  # noqa: B006 - typer copies it
    payer: Annotated[str | None, typer.Option(help="The buyer's key in its orders, if no invoice is named.")] = None,
    value_date: Annotated[str | None, typer.Option(help="YYYY-MM-DD; today if not given.")] = None,
    means: Annotated[str, typer.Option()] = "transfer",
) -> None:
    """Book a payment."""
    body = {
        "reference": reference,
        "means": means,
        "money": {"amount": amount, "currency": currency},
        "value_date": value_date or datetime.now(UTC).date().isoformat(),
        "invoices": invoice,
    }
    show_outcome(call(lambda api: api.post("/payments", body | ({"payer": payer} if payer else {}), wait=WAIT)))


@app.command()
def allocate(
    reference: Annotated[str, typer.Argument(help="The payment that has something left.")],
    invoice: Annotated[list[str], typer.Option(help="An invoice that it pays; may be given several times.")],
) -> None:
    """Put what a payment has left against invoices."""
    body = {"reference": reference, "invoices": invoice}
    show_outcome(call(lambda api: api.post("/payments/allocate", body, wait=WAIT)))
