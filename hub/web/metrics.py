"""The figures as Prometheus reads them: what was counted in the database, and what this process measured."""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from hub.store.queries.figures import Figures, figures
from hub.web.asking import Inside, The

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
async def metrics(backend: The, _: Inside) -> Response:
    """Answer with the counters of the books, the backlog of each service and what this process measured."""
    counted = await backend.database.read(figures)
    return Response(render(counted, backend.registry, backend.seams.now()), media_type=CONTENT_TYPE_LATEST)


def render(counted: Figures, process: CollectorRegistry, now: datetime) -> bytes:
    """Return both kinds of figures in the text format."""
    registry = CollectorRegistry()
    registry.register(_Counted(counted, now))
    return generate_latest(registry) + generate_latest(process)


class _Counted(Collector):
    """The figures of the database, of one snapshot."""

    def __init__(self, counted: Figures, now: datetime) -> None:
        self._counted = counted
        self._now = now

    def collect(self) -> Iterator[Metric]:
        yield from self._books()
        yield from self._work()

    def _books(self) -> Iterator[Metric]:
        received = CounterMetricFamily("hub_received", "Documents received", labels=["channel"])
        ends = GaugeMetricFamily("hub_documents", "Documents by what became of them", labels=["channel", "end"])
        unknown = CounterMetricFamily("hub_unauthenticated", "Requests of nobody we know", labels=["channel"])
        for row in self._counted.books:
            received.add_metric([row.channel], row.received)
            unknown.add_metric([row.channel], row.unauthenticated)
            for end in ("applied", "duplicates", "refused", "parked", "in_flight"):
                ends.add_metric([row.channel, end], getattr(row, end))
        sent = CounterMetricFamily("hub_documents_sent", "Documents sent to partners", labels=["kind"])
        for kind, number in self._counted.documents_sent.items():
            sent.add_metric([kind], number)
        yield from (received, ends, unknown, sent)
        yield CounterMetricFamily("hub_orders_complete", "Orders complete", value=self._counted.orders_complete)

    def _work(self) -> Iterator[Metric]:
        outbox = GaugeMetricFamily("hub_outbox", "Events published and not confirmed", labels=["service"])
        waiting = GaugeMetricFamily("hub_waiting", "Messages waiting for turn or counterpart", labels=["service"])
        parked = GaugeMetricFamily("hub_parked", "Messages that a person must decide on", labels=["service"])
        for row in self._counted.backlog:
            outbox.add_metric([row.service], row.outbox)
            waiting.add_metric([row.service], row.waiting)
            parked.add_metric([row.service], row.parked)
        yield from (outbox, waiting, parked)
        oldest = self._counted.outbox_oldest
        age = (self._now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("hub_outbox_age_seconds", "Age of the oldest event not confirmed", value=age)
        unsent, told = self._counted.unsent, "Documents and events for partners that have not left"
        yield GaugeMetricFamily("hub_unsent", told, value=unsent)
        tasks = GaugeMetricFamily("hub_open_tasks", "Things for a person to look at", labels=["kind"])
        for kind, number in self._counted.tasks.items():
            tasks.add_metric([kind], number)
        yield tasks
