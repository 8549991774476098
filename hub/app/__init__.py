"""The composition root: settings in, a running hub out. The only place that knows all parts."""

from hub.app.client import client
from hub.app.contracts import asyncapi, openapi, payloads
from hub.app.diagnosis import diagnose
from hub.app.logs import configure
from hub.app.serving import run
from hub.store.migrations import migrate

__all__ = ["asyncapi", "client", "configure", "diagnose", "migrate", "openapi", "payloads", "run"]
