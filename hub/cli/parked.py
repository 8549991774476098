"""`hub parked`: what waits for a person, and what the person decides."""

from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_fields, show_json, show_rows

app = typer.Typer()
Service = Annotated[str, typer.Argument(help="The service that parked it.")]
MessageId = Annotated[str, typer.Argument(help="The message's id.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List what is parked, the oldest first."""
    found = call(lambda api: api.get("/parked"))
    show_rows(found, ("at", "service", "message_id", "type", "error_class", "error"), as_json=as_json)


@app.command()
def show(service: Service, message_id: MessageId, *, as_json: AsJson = False) -> None:
    """Show one parked message with its cause and its content."""
    show_fields(call(lambda api: api.get(f"/parked/{service}/{message_id}")), as_json=as_json)


@app.command()
def replay(service: Service, message_id: MessageId, reason: Reason) -> None:
    """Run a parked message again, now."""
    show_json(call(lambda api: api.post(f"/parked/{service}/{message_id}/replay", {"reason": reason})))


@app.command()
def drop(service: Service, message_id: MessageId, reason: Reason) -> None:
    """Close a parked message without effect."""
    show_json(call(lambda api: api.post(f"/parked/{service}/{message_id}/drop", {"reason": reason})))
