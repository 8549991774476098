"""`hub up`, `web`, `worker`, `migrate`, `doctor`: the processes of the hub."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.printing import AsJson, say, show_json, show_rows
from hub.errors import Unusable

if TYPE_CHECKING:
    from hub.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands to the root."""
    for command in (up, web, worker, migrate, doctor):
        app.command()(command)


def up(
    port: Annotated[int | None, typer.Option(help="The web port; HUB_PORT if not given.")] = None,
    host: Annotated[str | None, typer.Option(help="The web address; HUB_HOST if not given.")] = None,
) -> None:
    """Run everything in one process: doors, web, services, relay, sending."""
    from hub import settings

    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    _run(settings.load(**given), web=True, work=True)


def web(
    port: Annotated[int | None, typer.Option(help="The web port; HUB_PORT if not given.")] = None,
    host: Annotated[str | None, typer.Option(help="The web address; HUB_HOST if not given.")] = None,
) -> None:
    """Run doors, API and pages; the services run in `hub worker`."""
    from hub import settings

    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    loaded = settings.load(**given)
    _refuse_on_one_process(loaded, "hub web")
    _run(loaded, web=True, work=False)


def worker(
    services: Annotated[str | None, typer.Option(help="Only these, separated by commas; all if not given.")] = None,
) -> None:
    """Run services, relay and sending; the doors run in `hub web`."""
    from hub import settings

    loaded = settings.load(**({"services": services} if services else {}))
    _refuse_on_one_process(loaded, "hub worker")
    _run(loaded, web=False, work=True)


def migrate() -> None:
    """Bring the database to this version's tables."""
    from hub import settings
    from hub.store import migrations

    migrations.migrate(settings.load().database_url)
    say("The database has the tables of this release.")


def doctor(*, as_json: AsJson = False) -> None:
    """Check settings, database, broker, tables and queues; exit code 1 if something is wrong."""
    from hub import settings
    from hub.app.diagnosis import diagnose

    found = asyncio.run(diagnose(settings.load()))
    rows = [{"check": name, "ok": problem is None, "problem": problem} for name, problem in found.items()]
    if as_json:
        show_json(rows)
    else:
        show_rows(rows, ("check", "ok", "problem"), as_json=False)
    raise typer.Exit(0 if all(row["ok"] for row in rows) else 1)


def _run(loaded: "Settings", *, web: bool, work: bool) -> None:
    import uvloop

    from hub.app.logs import configure
    from hub.app.serving import run

    configure(loaded)
    uvloop.run(run(loaded, web=web, work=work))


def _refuse_on_one_process(loaded: "Settings", command: str) -> None:
    """Raise Unusable where database or broker belong to one process."""
    alone = [
        name
        for name, is_alone in (("SQLite", loaded.on_sqlite), ("the embedded broker", loaded.on_embedded_broker))
        if is_alone
    ]
    if alone:
        raise Unusable(
            f"{command} needs PostgreSQL and RabbitMQ: {' and '.join(alone)} can be used by one process only. "
            "Start `hub up`, or set HUB_DATABASE_URL and HUB_BROKER_URL."
        )
