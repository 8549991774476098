"""The contracts that are generated from the code: OpenAPI, AsyncAPI, the canonical messages."""

import json
from typing import Any

from hub import __version__
from hub.app import services
from hub.app.process import Process
from hub.canonical.envelope import Payload
from hub.messaging import broker
from hub.messaging.worker import service_queues
from hub.seams import Seams
from hub.settings import Settings
from hub.store.database import open_database
from hub.store.signals import LocalSignals


def openapi() -> dict[str, Any]:
    """Return the description of the API."""
    seams = Seams()
    settings = Settings()
    front = Process(settings, seams, open_database("sqlite:///:memory:", seams=seams), LocalSignals()).web()
    described: dict[str, Any] = front.api.openapi()
    return described


def asyncapi() -> dict[str, Any]:
    """Return the description of the queues of all services."""
    described: dict[str, Any] = json.loads(broker.asyncapi(service_queues(services.ALL), __version__))
    return described


def payloads() -> list[type[Payload]]:
    """Return every kind of canonical message of the hub, by name; others may have made their own."""
    ours = (payload for payload in _below(Payload) if payload.__module__.startswith("hub."))
    found = {payload.TYPE: payload for payload in ours if "TYPE" in vars(payload)}
    return [found[type_] for type_ in sorted(found)]


def _below(payload: type[Payload]) -> list[type[Payload]]:
    below = payload.__subclasses__()
    return [*below, *(deeper for one in below for deeper in _below(one))]
