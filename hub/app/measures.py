"""What this process measures of its own work, for `/metrics`: services, relay, sending."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.messaging.broker import Broker
from hub.messaging.worker import Worker


class Measures(Collector):
    """Reads the worker's own counts whenever Prometheus asks; of its services' queues, what the broker told last."""

    def __init__(self, worker: Worker, broker: Broker) -> None:
        self._worker = worker
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        batches = CounterMetricFamily("hub_service_batches", "Transactions of a service", labels=["service"])
        seconds = CounterMetricFamily("hub_service_seconds", "Seconds spent in them", labels=["service"])
        doubles = CounterMetricFamily("hub_service_doubles", "Messages that were settled before", labels=["service"])
        messages = CounterMetricFamily("hub_service_messages", "Messages settled", labels=["service", "outcome"])
        backlog = GaugeMetricFamily("hub_service_backlog", "Messages delivered and not settled", labels=["service"])
        ready = GaugeMetricFamily("hub_service_ready", "Messages in its queue, taken by no worker", labels=["service"])
        in_queues = self._broker.health().ready
        for name, runner in self._worker.runners.items():
            measured = runner.measured
            batches.add_metric([name], measured.batches)
            seconds.add_metric([name], measured.seconds)
            doubles.add_metric([name], measured.doubles)
            backlog.add_metric([name], runner.backlog)
            ready.add_metric([name], in_queues.get(name, 0))
            for outcome, number in measured.outcomes.items():
                messages.add_metric([name, outcome], number)
        yield from (batches, seconds, doubles, messages, backlog, ready)
        yield CounterMetricFamily("hub_relay_published", "Events confirmed by the broker", self._worker.relay.published)
        yield CounterMetricFamily("hub_relay_refused", "Events not confirmed, sent again", self._worker.relay.refused)
