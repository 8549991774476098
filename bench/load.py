"""A shop's webhooks over kept-alive connections, each waiting for its answer before the next.

    python -m bench.load '<settings as JSON>'

Requests are signed before the clock starts; the client does as little as it can, since
it shares the machine with what it measures.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import Any

import uvloop

from bench.orders import DISCOVERED_AT
from demo import shop
from demo.catalogue import articles

END_OF_HEAD = b"\r\n\r\n"
MILLISECONDS = 1_000


def requests(port: int, first: int, number: int) -> list[bytes]:
    """Return so many signed notifications of new orders, as they go over the wire."""
    goods = articles()
    return [_request(port, shop.delivery(_body(goods, n), f"bench-{n}")) for n in range(first, first + number)]


def _body(goods: Sequence[Any], n: int) -> bytes:
    return shop.order(n, [(goods[n % len(goods)], 1), (goods[(n + 1) % len(goods)], 2)], DISCOVERED_AT)


def _request(port: int, delivery: shop.Delivery) -> bytes:
    head = {"Host": f"127.0.0.1:{port}", "Content-Length": str(len(delivery.body)), **delivery.headers}
    lines = [f"POST {shop.PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode() + delivery.body


class Shop(asyncio.Protocol):
    """One connection: sends the next request when the answer to the one before is whole."""

    def __init__(self, waiting: list[bytes], answers: list[tuple[int, float]]) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        self._answers = answers
        self._received = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer, and go on when it is whole."""
        self._received += data
        head, end, body = self._received.partition(END_OF_HEAD)
        if not end or len(body) < _length(head):
            return
        self._answers.append((int(head[9:12]), time.perf_counter() - self._sent))
        self._received = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; unless everything was answered, that is a failure."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the door hung up"))

    def _send(self) -> None:
        if not self._waiting:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(self._waiting.pop())


def _length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + 15
    return int(lower[start:].split(b"\r\n", 1)[0])


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Send all and return how long it took and what was answered."""
    port = settings["port"]
    waiting = requests(port, settings["first"], settings["number"])
    answers: list[tuple[int, float]] = []
    running = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await running.create_connection(lambda: Shop(waiting, answers), "127.0.0.1", port)
        for _ in range(settings["connections"])
    ]
    await asyncio.gather(*(one.done for _, one in made))
    seconds = time.perf_counter() - began
    waits = quantiles((wait for _, wait in answers), n=100)
    return {
        "seconds": seconds,
        "p50": waits[49] * MILLISECONDS,
        "p99": waits[98] * MILLISECONDS,
        "refused": sum(status != 200 for status, _ in answers),
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(json.loads(sys.argv[1])))))
