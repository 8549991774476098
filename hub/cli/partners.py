"""`hub partner`: agreements as files, imported, listed and shown."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.connection import call
from hub.cli.printing import AsJson, show_json, show_rows

app = typer.Typer()


@app.callback()
def partner() -> None:
    """Agreements with partners, as files and as imported."""
    from hub.app.directories import hold_imported
    from hub.settings import load

    hold_imported(load())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="partners/<id>.toml")],
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "imported by command",
) -> None:
    """Read an agreement; what is wrong in it is told by line."""
    content = file.read_bytes()
    show_json(call(lambda api: api.send("/partners", content, "application/toml", reason=reason)))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="partners/<id>.toml")],
    *,
    as_json: AsJson = False,
) -> None:
    """Read an agreement without a hub and tell every mistake by line; exit code 1 if there is one.

    Whether its identities are another partner's already is only known when it is imported.
    """
    from hub.errors import PartnerError
    from hub.store.agreements import read

    try:
        agreement = read(file.read_bytes())
    except PartnerError as error:
        findings = error.context.get("findings", ())
        rows = [{"line": one.location.line, "path": one.location.path, "message": one.message} for one in findings]
        rows = rows or [{"line": None, "path": None, "message": str(error)}]
        show_rows(rows, ("line", "path", "message"), as_json=as_json)
        raise typer.Exit(1) from error
    if as_json:
        show_json([])
    else:
        sys.stdout.write(f"{file.name}: the agreement with {agreement.partner} is sound\n")


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An EDIFACT file of theirs.")],
    partner: Annotated[str, typer.Option(help="The id that they are to have.")],
) -> None:
    """Print an agreement drafted from a file of a partner that is not known yet: who they are, how they speak."""
    from hub.store.agreements import read
    from hub.translators.edifact.drafting import draft as drafted

    text = drafted(file.read_bytes(), partner)
    read(text.encode())
    sys.stdout.write(text)


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List all partners."""
    found = call(lambda api: api.get("/partners"))
    rows = [{"partner": one["partner"], "imported_at": one["imported_at"], **_channels(one)} for one in found]
    show_rows(found if as_json else rows, ("partner", "name", "channels", "imported_at"), as_json=as_json)


@app.command()
def show(partner: Annotated[str, typer.Argument(help="The partner's id.")]) -> None:
    """Show one agreement, secrets masked."""
    show_json(call(lambda api: api.get(f"/partners/{partner}")))


@app.command()
def guide(partner: Annotated[str, typer.Argument(help="The partner's id.")], *, as_json: AsJson = False) -> None:
    """Print the implementation guide of an agreement as a page to send to the partner."""
    book = call(lambda api: api.get(f"/partners/{partner}/guide"))
    if as_json:
        show_json(book)
    else:
        from hub.translators.edifact.guide_book import GuideBook
        from hub.web.edifact import as_guide

        sys.stdout.write(as_guide(GuideBook.model_validate(book)))


def _channels(row: dict[str, Any]) -> dict[str, str]:
    agreement = row["agreement"]
    named = [name for name in ("edi", "shop", "stores", "webhook") if agreement.get(name)]
    return {"name": agreement["party"].get("name") or "", "channels": " ".join(named)}
