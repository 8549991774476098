"""The doors of tills: receipts one by one or as a batch (`POST /pos/sales`), and POSLog journals (`POST /pos/poslog`).

A receipt has happened: what can be read is stored, whatever is odd about it, and each
one gets its own result. A till speaks for itself alone; a partner for the stores that
its agreement names; an operator for every store.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.canonical.envelope import Channel
from hub.canonical.finding import Finding, Location
from hub.canonical.problem import rejected
from hub.connectors.body import by_size, read_body
from hub.connectors.door import Dock, answer, delivery_of, one_of, route
from hub.errors import LimitExceeded, PartnerError
from hub.store.arrivals import Received, Sales, Taken
from hub.store.tokens import Credential
from hub.translators.pos import poslog, sales
from hub.translators.pos.receipt import Receipt

CHANNEL: Channel = "pos"
STORE_WITHIN = 1_000_000
"""Bytes of a journal in which its first receipt must have named the store."""
MOST_RECEIPTS = 20_000
MOST_PROBLEMS = 10_000
"""Of one request; a till that sends more sends the rest apart."""
_STORE = re.compile(rb"<(?:\w++:)?RetailStoreID[^<>]*+>\s*+([^<\s][^<]{0,200})<")
"""Possessive, and no part of it passes a `<`: its time grows with the journal, whatever stands in it."""


def routes(dock: Dock) -> list[Route]:
    """Return the doors of tills."""
    return [route("/pos/sales", partial(_sales, dock)), route("/pos/poslog", partial(_poslog, dock))]


async def _sales(dock: Dock, request: Request) -> Response:
    credential = await dock.credential(request, CHANNEL)
    body = await read_body(request, dock.limits.json)
    receipts = await asyncio.to_thread(_read, lambda: sales.read(body, max_bytes=dock.limits.json))
    return await _record(dock, request, credential, body, receipts)


async def _poslog(dock: Dock, request: Request) -> Response:
    credential = await dock.credential(request, CHANNEL)
    body = await read_body(request, dock.limits.xml)
    named = _STORE.search(body, 0, STORE_WITHIN)
    store = await dock.partners.store(named[1].rstrip().decode(errors="replace")) if named else None
    time_zone, currency = (store.time_zone, store.currency) if store else ("UTC", None)
    receipts = await asyncio.to_thread(
        _read, lambda: poslog.read(body, time_zone=time_zone, currency=currency, max_bytes=dock.limits.xml)
    )
    return await _record(dock, request, credential, body, receipts)


def _read(read: Callable[[], Iterable[Receipt]]) -> list[Receipt]:
    """Return the receipts; where reading breaks off, what follows counts as one that cannot be read."""
    receipts: list[Receipt] = []
    problems = 0
    try:
        for receipt in read():
            if len(receipts) == MOST_RECEIPTS or problems > MOST_PROBLEMS:
                raise LimitExceeded(f"{len(receipts)} receipts of this request were read: send the rest apart")
            receipts.append(receipt)
            problems += len(receipt.findings)
    except PartnerError as error:
        place = Location(line=error.context.get("line"), offset=error.context.get("offset"), path="$")
        receipts.append(Receipt(len(receipts), None, (Finding(code="unreadable", location=place, message=str(error)),)))
    return receipts


async def _record(
    dock: Dock, request: Request, credential: Credential, body: bytes, receipts: Sequence[Receipt]
) -> Response:
    if not receipts:
        raise rejected(422, "there is no receipt in this request", "Send one receipt at least.")
    tills = sorted({(one.sale.store, one.sale.terminal) for one in receipts if one.sale})
    owners = {store: await dock.partners.of("store", store) for store, _ in tills}
    source = ":".join(("pos", *tills[0])) if tills else f"pos:{credential.label}"
    partner = one_of(owners.values())
    delivered = partial(delivery_of, request, body, channel=CHANNEL, source=source, partner=partner)
    delivery = await by_size(body, delivered)
    for store, terminal in tills:
        if not _speaks_for(credential, store, terminal, owners[store]):
            raise await dock.refuse(delivery, credential.key_id, f"till {terminal} of store {store}")
    received = await dock.receiver.record_sales(Sales(delivery, tuple(receipts)))
    return await by_size(body, partial(_answered, received, readable=bool(tills)))


def _answered(received: Received, *, readable: bool) -> Response:
    """Return what the till hears; there may be thousands of receipts to tell of."""
    if not readable:
        raise rejected(400, "no receipt can be read", "Send it again as the findings say.", _findings(received))
    return answer(200, {"id": str(received.archive_id), "results": [_result(one) for one in received.parts]})


def _speaks_for(credential: Credential, store: str, terminal: str, owner: str | None) -> bool:
    return credential.operator or f"{store}:{terminal}" in credential.terminals or owner in credential.partners


def _findings(received: Received) -> tuple[Finding, ...]:
    return tuple(finding for one in received.parts for finding in one.findings)


def _result(one: Taken) -> dict[str, Any]:
    """Return what the till hears of one receipt; `first` names the document that came first under its key."""
    told: dict[str, Any] = {"receipt": one.reference or None, "result": one.outcome, "id": str(one.document_id)}
    if one.first_id != one.document_id:
        told["first"] = str(one.first_id)
    if one.findings:
        told["findings"] = [finding.model_dump(mode="json", exclude_none=True) for finding in one.findings]
    return told
