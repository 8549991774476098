"""`hub messages`, `message`, `send`, `verify`, `resend`: what came in, and whether the books are right."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.connection import Api, call
from hub.cli.printing import AsJson, say, show_fields, show_json, show_rows, show_title

MESSAGE = ("received_at", "channel", "partner", "kind", "business_key", "end", "reason", "id")

app = typer.Typer()


def register(root: typer.Typer) -> None:
    """Add these commands to the root."""
    root.command()(messages)
    root.command()(send)
    root.command()(verify)
    root.command()(resend)


def messages(
    channel: Annotated[str | None, typer.Option(help="edi, webshop, pos or api.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    end: Annotated[str | None, typer.Option(help="applied, duplicate, refused, waiting, parked, dropped.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """List the documents that came in, the newest first, each with its end."""
    found = call(lambda api: api.get("/messages", channel=channel, partner=partner, end=end, limit=limit))
    show_rows(found["messages"], MESSAGE, as_json=as_json)


@app.command()
def show(
    document_id: Annotated[str, typer.Argument(help="Its id, as `hub messages` lists it.", metavar="ID")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a document, and what it says as a canonical message."""
    found = call(lambda api: api.get(f"/messages/{document_id}"))
    if as_json:
        show_json(found)
        return
    show_fields(found["message"], as_json=False)
    show_title("What it says")
    show_json(found["event"]["data"] if found["event"] else None)


def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file.")],
    partner: Annotated[str, typer.Option(help="Who is to have sent it.")],
) -> None:
    """Put a file through the real intake, as if the partner had sent it."""
    content = file.read_bytes()
    show_json(call(lambda api: api.send("/edi", content, "application/edifact", partner=partner)))


def verify(*, as_json: AsJson = False) -> None:
    """Recount the books from rows and archived bytes; exit code 1 if anything differs."""
    found = call(lambda api: api.get("/verify"))
    if as_json:
        show_json(found)
    else:
        show_rows(found["checks"], ("name", "ok", "detail"), as_json=False)
    if not found["balanced"]:
        say(
            "Keep a copy of the database as it is. docs/guides/operating.md tells what each check means and what to do."
        )
    raise typer.Exit(0 if found["balanced"] else 1)


def resend(
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    older_than: Annotated[int, typer.Option(min=0, help="Minutes; younger events may be on their way.")] = 15,
    *,
    as_json: AsJson = False,
) -> None:
    """Send again what the broker has lost: events that their service has not settled and no outbox holds."""
    looked_at, sent = call(lambda api: _resend(api, reason, older_than))
    if as_json:
        show_json({"looked_at": looked_at, "sent": sent})
    else:
        say(f"{looked_at} events looked at, {sum(sent.values())} sent again")
        show_rows([{"service": name, "sent": sent[name]} for name in sorted(sent)], ("service", "sent"), as_json=False)


async def _resend(api: Api, reason: str, older_than: int) -> tuple[int, Counter[str]]:
    """Go through the whole log, page by page, and tell how far it is."""
    looked_at, sent, after = 0, Counter[str](), None
    while True:
        page = await api.post("/events/resend", {"reason": reason}, older_than=older_than, after=after)
        looked_at += page["looked_at"]
        sent.update(page["sent"])
        after = page["next"]
        if after is None:
            return looked_at, sent
        say(f"{looked_at} events looked at, {sent.total()} sent again so far")
