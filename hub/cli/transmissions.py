"""`hub transmission`: documents and events on their way to partners, and what a person decides about them."""

from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_fields, show_json, show_rows

app = typer.Typer()
TransmissionId = Annotated[str, typer.Argument(help="The transmission's id.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]


@app.command("list")
def list_(
    partner: Annotated[str | None, typer.Option(help="Only those of this partner.")] = None,
    state: Annotated[str | None, typer.Option(help="For example parked or refused; any if not given.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List transmissions, the newest first."""
    found = call(lambda api: api.get("/transmissions", partner=partner, state=state))["transmissions"]
    columns = ("created_at", "id", "partner", "kind", "reference", "state", "attempts", "held", "last_error")
    show_rows(found, columns, as_json=as_json)


@app.command()
def show(transmission_id: TransmissionId, *, as_json: AsJson = False) -> None:
    """Show one transmission with its bytes."""
    show_fields(call(lambda api: api.get(f"/transmissions/{transmission_id}")), as_json=as_json)


@app.command()
def requeue(transmission_id: TransmissionId, reason: Reason) -> None:
    """Send a parked transmission again, the same bytes, now."""
    _decide(transmission_id, "requeue", reason)


@app.command()
def drop(transmission_id: TransmissionId, reason: Reason) -> None:
    """Give a transmission up; what waited behind it leaves."""
    _decide(transmission_id, "drop", reason)


@app.command()
def release(transmission_id: TransmissionId, reason: Reason) -> None:
    """Let a document leave that was held back: somebody has looked at it."""
    _decide(transmission_id, "release", reason)


def _decide(transmission_id: str, what: str, reason: str) -> None:
    show_json(call(lambda api: api.post(f"/transmissions/{transmission_id}/{what}", {"reason": reason})))
