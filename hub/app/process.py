"""One process of the hub: its parts, started in order and stopped in the opposite order.

`hub up` runs everything together; `hub web` doors, API and pages; `hub worker` services,
relay, folders and sending. What fails in the background for a reason of its own ends the
process: a supervisor starts it again, and nothing is lost by that. A database that is
away is waited for.
"""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from hub import __version__
from hub.app import checks, services
from hub.app.directories import hold_imported
from hub.app.measures import Measures
from hub.app.services import STATUS
from hub.connectors.back_pressure import BackPressure
from hub.connectors.bodies import Bodies
from hub.connectors.credentials import Credentials
from hub.connectors.door import Dock, Limits
from hub.connectors.doors import DoorsFirst, doors
from hub.connectors.folder import FolderDoor
from hub.connectors.partners import Partners
from hub.connectors.posting import Poster, client
from hub.connectors.rates import Rates
from hub.connectors.receiver import Receiver
from hub.connectors.sending import Sender
from hub.connectors.targets import Targets
from hub.connectors.transports import transports
from hub.errors import TemporaryError
from hub.handlers.service import subscriptions
from hub.messaging.broker import Broker, asyncapi
from hub.messaging.worker import Worker, service_queues
from hub.seams import Seams
from hub.settings import Settings
from hub.store.database import Database, open_database
from hub.store.lock import exclusive
from hub.store.queries.figures import unsettled_and_settled
from hub.store.signals import OUTBOX, TRANSMISSIONS, Signals, open_signals
from hub.web.api import api, health_api
from hub.web.backend import Backend, Check

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
AGAIN_SECONDS = 1.0
UNSIGNED = 4
"""Of all bodies under way, one part in so many may be of senders that nobody knows yet."""
SIGN_INS_PER_MINUTE = 10
"""With one key id; whoever tries more goes on with another one, or comes later."""
ASKED_PER_SECOND = 100
"""Requests to the API with one credential, half a minute's worth at once: each is a look into the database."""
log = structlog.get_logger()


class Front(NamedTuple):
    """What listens on the web port: an `app` of doors before API and pages, and the watch over how much it may take."""

    app: ASGIApp
    api: FastAPI
    pressure: BackPressure


@dataclass(slots=True)
class Process:
    """The parts of one process while it runs."""

    settings: Settings
    seams: Seams
    database: Database
    signals: Signals
    checks: dict[str, Check] = field(default_factory=dict)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}-{secrets.token_hex(6)}")
    broker: Broker | None = None
    worker: Worker | None = None

    @property
    def broker_up(self) -> bool:
        """Whether messages can move; a process without a worker cannot tell and trusts that they do."""
        return self.broker is None or self.broker.health().problem is None

    def published(self) -> None:
        """Have the relay look, wherever it runs: a door or a command has committed."""
        self.signals.tell(OUTBOX)

    def look(self, service: str) -> None:
        """Have a service look at what waits: a person has replayed or dropped something."""
        if self.worker is not None and service in self.worker.runners:
            self.worker.runners[service].look()

    def web(self) -> Front:
        """Return what listens on the web port."""
        settings, database, seams = self.settings, self.database, self.seams
        installed = services.installed(settings)
        subscribers = subscriptions(installed)
        credentials = Credentials(database, seams)
        receiver = Receiver(database, subscribers, seams, self.published)
        pressure = BackPressure(
            lambda: database.read(unsettled_and_settled),
            seams,
            seconds=settings.back_pressure_seconds,
            folder=settings.data_dir,
            broker_up=lambda: self.broker_up,
            commit_seconds=lambda: receiver.under_way_seconds,
        )
        self.checks |= checks.of_doors(pressure)
        if self.worker is None:
            self.checks |= checks.of_others(database, [one.name for one in installed], seams)
        dock = Dock(
            receiver=receiver,
            credentials=credentials,
            partners=Partners(database, seams),
            pressure=pressure,
            rates=Rates(seams, per_second=settings.limit_requests_per_second),
            database=database,
            seams=seams,
            limits=Limits(
                edi=settings.limit_edi_bytes,
                json=settings.limit_json_bytes,
                xml=settings.limit_xml_bytes,
                unsigned=settings.limit_bodies_bytes // UNSIGNED,
            ),
        )
        backend = Backend(
            database=database,
            seams=seams,
            subscriptions=subscribers,
            authenticate=credentials.of,
            attempt=Rates(seams, per_second=SIGN_INS_PER_MINUTE / 60, burst_seconds=60).take,
            asked=Rates(seams, per_second=ASKED_PER_SECOND).take,
            forget=credentials.forget,
            published=self.published,
            look=self.look,
            owners={kind: one.name for one in installed for kind in one.documents},
            asyncapi=lambda: asyncapi(service_queues(services.ALL), __version__),
            checks=self.checks,
            registry=self.registry,
            open_here=settings.host in LOOPBACK and settings.on_embedded_broker,
            limit_json_bytes=settings.limit_json_bytes,
        )
        routes = doors(dock)
        behind = api(backend, doors=routes)
        return Front(Bodies(DoorsFirst(behind, routes), limit=settings.limit_bodies_bytes), behind, pressure)

    def health(self) -> FastAPI:
        """Return health and metrics as an app, for a process without doors and pages."""
        database, seams = self.database, self.seams
        credentials = Credentials(database, seams)
        return health_api(
            Backend(
                database=database,
                seams=seams,
                subscriptions={},
                authenticate=credentials.of,
                checks=self.checks,
                registry=self.registry,
            )
        )


@asynccontextmanager
async def running(settings: Settings, seams: Seams, *, work: bool) -> AsyncIterator[Process]:
    """Open the database and, with `work`, run services, relay, folders and sending until the end of the context."""
    hold_imported(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(exclusive(settings.database_url))
        database = open_database(settings.database_url, seams=seams)
        stack.push_async_callback(database.close)
        signals = open_signals(settings.database_url, seams)
        process = Process(settings, seams, database, signals)
        await stack.enter_async_context(in_background(seams, signals=signals.run))
        process.checks |= {**checks.of_database(database), **checks.of_tables(database)}
        if work:
            await stack.enter_async_context(_working(process))
        yield process


@asynccontextmanager
async def _working(process: Process) -> AsyncIterator[None]:
    settings, seams, database = process.settings, process.seams, process.database
    installed = services.installed(settings)
    broker = process.broker = Broker(settings.broker_url, service_queues(installed))
    worker = process.worker = Worker(
        installed,
        services.run_here(settings),
        database,
        broker,
        seams,
        owner=process.owner,
        alone=settings.on_embedded_broker,
        folder=settings.data_dir,
        elsewhere=partial(process.signals.tell, OUTBOX),
        after={STATUS.name: partial(process.signals.tell, TRANSMISSIONS)},
    )
    process.signals.hear(OUTBOX, worker.relay.wake)
    process.checks |= checks.of_worker(broker, worker)
    process.registry.register(Measures(worker, broker))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(broker.stop)
        await broker.start()
        stack.push_async_callback(worker.stop)
        await worker.start()
        async with client() as http, in_background(seams, **_connectors(process, Poster(http, _targets(settings)))):
            yield


def _targets(settings: Settings) -> Targets:
    return Targets(allow_private=settings.allow_private_targets)


def _connectors(process: Process, poster: Poster) -> dict[str, Callable[[], Awaitable[None]]]:
    """Return what goes on in every worker beside its services."""
    settings, database, seams = process.settings, process.database, process.seams
    root = settings.data_dir / "partners"
    sender = Sender(database, transports(root, poster, seams), seams, alone=settings.on_embedded_broker)
    process.signals.hear(TRANSMISSIONS, sender.wake)
    receiver = Receiver(database, subscriptions(services.installed(settings)), seams, process.published)
    folders = FolderDoor(database, receiver, root, seams, owner=process.owner, limit_bytes=settings.limit_folder_bytes)
    return {"sending": sender.run, "folders": folders.run}


@asynccontextmanager
async def in_background(seams: Seams, **works: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run these until the context ends. What is temporarily impossible is begun again; all else ends the context.

    The error of a work is raised in place of the context's own cancellation; an error of
    the context itself passes as it is.
    """
    owner = asyncio.current_task()
    failed: list[BaseException] = []

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and owner is not None:
            failed.append(error)
            owner.cancel()

    tasks = [asyncio.create_task(_patiently(seams, name, work), name=name) for name, work in works.items()]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        if not failed or owner is None:
            raise
        owner.uncancel()
        raise failed[0] from None
    finally:
        for task in tasks:
            task.remove_done_callback(ended)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _patiently(seams: Seams, name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except TemporaryError as error:
            log.warning("interrupted, and begun again", what=name, reason=str(error))
            await seams.sleep(AGAIN_SECONDS)
        else:
            return
