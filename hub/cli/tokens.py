"""`hub token`: credentials. The secret is shown once, when it is made."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_json, show_rows

app = typer.Typer()


@app.command()
def add(
    label: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[list[str], typer.Option(help="partner:<id>, terminal:<store>:<till>, operator or admin.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="For how many days it is good.")] = 365,
) -> None:
    """Make a credential and show it, this once."""
    expires = datetime.now(UTC) + timedelta(days=days)
    body = {"label": label, "scopes": scope, "expires_at": expires.isoformat()}
    show_json(call(lambda api: api.post("/tokens", body)))


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List credentials, without their secrets."""
    found = call(lambda api: api.get("/tokens"))
    show_rows(found, ("key_id", "label", "scopes", "created_at", "expires_at", "revoked_at"), as_json=as_json)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument()], reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """End a credential at once."""
    call(lambda api: api.delete(f"/tokens/{key_id}", reason=reason))
