"""The checker: what a client sent and heard, held against the hub's rows, bytes, files and answers.

It believes no counter. What must be there is counted from the bytes sent (`facts`), what
is there from the rows and files behind every figure (`rows`). Every difference is a
sentence; a hub that kept its promises leaves none.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import httpx2
import orjson
from standardwebhooks.webhooks import Webhook

from demo import retailer
from tests.faults.facts import Facts, facts
from tests.faults.history import History
from tests.faults.rows import Rows, snapshot
from tests.listener import Request

SECRETS = {
    "/store-12": "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLXN0b3JlLTEyLTAx",
    "/teeladen": "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLXdlYi1zaG9wLTAx",
}
EVENTS_OF_AN_ORDER = {"webshop": 6, "pos": 1}
"""accepted, released, despatched, invoiced, paid, completed; a receipt is complete when it comes."""
DOCUMENTS_OF_AN_ORDER = ("ORDRSP", "DESADV", "INVOIC")


async def problems(
    history: History, database_url: str, hub_url: str, token: str, data: Path, heard: Sequence[Request]
) -> list[str]:
    """Return everything that is not as it must be, once the hub has come to rest and all invoices are paid."""
    rows, wanted = await snapshot(database_url), facts(history.sendings)
    found = [
        *_settled(history, rows),
        *_archived(history, rows),
        *_documents(history, rows, wanted),
        *_orders(rows, wanted),
        *_money(rows, wanted),
        *_stock(rows, wanted),
        *_sent(rows, wanted, data / "partners" / retailer.PARTNER / "out"),
        *_told(rows, heard),
        *_secrets(data, token),
    ]
    return found + await _api(hub_url, token, rows, wanted)


def _settled(history: History, rows: Rows) -> Iterator[str]:
    yield from (f"{one.key} was never taken" for one in history.unsettled)
    yield from (f"{kind}: {count}" for kind, count in rows.unsettled.items())
    if rows.missing_outcomes:
        yield f"{rows.missing_outcomes} events were sent to a service and have no outcome there"
    if rows.bare_parked:
        yield f"{rows.bare_parked} parked messages without a reason"


def _archived(history: History, rows: Rows) -> Iterator[str]:
    """Every input that was taken lies in the archive as it was sent; nothing lies there that nobody sent."""
    kept = {one.sha256: one for one in rows.came_in}
    yield from (f"bytes {one.sha256} are stated as {one.stated}" for one in rows.came_in if one.sha256 != one.stated)
    sent = {one.sha256: one for one in history.sendings if one.channel != "api"}
    for sha256, sending in sent.items():
        if history.heard(sending) == "ok" and sha256 not in kept:
            yield f"{sending.key} was taken and its bytes are not in the archive"
        if sha256 in kept and kept[sha256].size != len(sending.body):
            yield f"{sending.key}: {len(sending.body)} bytes sent, {kept[sha256].size} archived"
    yield from (f"archived and never sent: {sha256}" for sha256 in kept if sha256 not in sent)


def _documents(history: History, rows: Rows, wanted: Facts) -> Iterator[str]:
    """The documents of each key end as they must, each once; repetitions are duplicates; what failed has no effect."""
    hashes: dict[str, set[str]] = {}
    for sending in history.sendings:
        if sending.channel != "api":
            hashes.setdefault(sending.key, set()).add(sending.sha256)
    for key, ends in wanted.documents.items():
        found = [one for sha256 in hashes[key] for one in rows.documents.get(sha256, [])]
        counted = Counter(end for _, end, _ in found if end not in {"split", "duplicate"})
        if counted != ends:
            yield f"{key}: its documents must end {dict(ends)}, they end {dict(counted)}"
        yield from (
            f"{key}: {end} without a reason" for _, end, why in found if end in {"refused", "parked"} and not why
        )


def _orders(rows: Rows, wanted: Facts) -> Iterator[str]:
    ordered = {key: order for key, order in rows.orders.items() if order.channel != "pos"}
    receipts = {key.partition("/")[2] for key, order in rows.orders.items() if order.channel == "pos"}
    yield from _differences("order", wanted.orders, ordered)
    yield from _differences("receipt", wanted.receipts, receipts)
    for key in wanted.orders.keys() & ordered.keys():
        order, lines = ordered[key], sorted(ordered[key].lines, key=lambda line: line[0])
        if order.state != "completed":
            yield f"order {key} is {order.state}"
        for moved in ("ordered", "confirmed", "shipped", "invoiced"):
            held = [(sku, getattr(quantities, moved)) for sku, quantities in lines]
            if held != sorted(wanted.orders[key].pieces):
                yield f"order {key}: {moved} {held}, wanted {wanted.orders[key].pieces}"


def _money(rows: Rows, wanted: Facts) -> Iterator[str]:
    """To the cent, and one invoice for each order."""
    yield from _equal(
        "invoices", sorted(total for _, _, total in rows.invoices), sorted(o.gross for o in wanted.orders.values())
    )
    if len({order for _, order, _ in rows.invoices}) != len(rows.invoices):
        yield "an order has two invoices"
    numbers = sorted(int(number.rpartition("-")[2]) for number, _, _ in rows.invoices)
    yield from _equal("invoice numbers", numbers, list(range(1, len(numbers) + 1)))
    yield from _equal("payments", rows.payments, wanted.payments)
    yield from _equal("rows of payments", rows.payment_rows, len(wanted.payments))
    yield from _equal("tenders", rows.tenders, wanted.receipts)
    yield from _equal("revenue of receipts", rows.revenue, wanted.receipts)
    yield from _equal("what is still open", rows.open_receivables, Decimal(0))


def _stock(rows: Rows, wanted: Facts) -> Iterator[str]:
    """Start + in - out = on hand, by the documents sent, by the movements and by the items' own rows."""
    moved: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for sku, location, quantity in rows.movements:
        moved[sku, location] += quantity
    yield from _equal("stock on hand", rows.stock, dict(wanted.stock))
    yield from _equal("sums of stock movements", dict(moved), dict(wanted.stock))
    yield from _equal("stock movements", len(rows.movements), wanted.movements)


def _sent(rows: Rows, wanted: Facts, folder: Path) -> Iterator[str]:
    """Every document is a file of its frozen bytes, in gapless numbers; every interchange has its CONTRL."""
    edi = sorted((one for one in rows.transmissions if one.partner == retailer.PARTNER), key=lambda one: one.position)
    files = {file.name: file.read_bytes() for file in folder.glob("*") if not file.name.startswith(".")}
    yield from _equal("places of documents", [one.position for one in edi], list(range(1, len(edi) + 1)))
    references = sorted({int(one.reference) for one in edi})
    yield from _equal("control references", references, list(range(1, len(references) + 1)))
    frozen = {f"{one.position:010d}-{one.kind}-{one.reference}.edi": rows.sent[one.archive_id].body for one in edi}
    yield from _equal(
        "files sent", {name: _hash(body) for name, body in files.items()}, {n: _hash(b) for n, b in frozen.items()}
    )
    kinds = Counter(one.kind for one in edi)
    orders = sum(order.channel == "edi" for order in wanted.orders.values())
    yield from (f"{kinds[kind]} {kind} for {orders} orders" for kind in DOCUMENTS_OF_AN_ORDER if kinds[kind] != orders)
    yield from _verdicts([body.decode("iso8859-1") for name, body in files.items() if "-CONTRL-" in name], wanted)
    told = Decimal(sum(owed.amount for owed in retailer.invoices(folder)))
    billed = sum((order.gross for order in wanted.orders.values() if order.channel == "edi"), Decimal(0))
    yield from _equal("the sum of all INVOIC", told, billed)


def _verdicts(contrls: Iterable[str], wanted: Facts) -> Iterator[str]:
    found: dict[str, set[str]] = {}
    for contrl in contrls:
        segments = [segment.split("+") for segment in contrl.split("'")]
        uci = next(one for one in segments if one[0] == "UCI")
        refused = [one[3] for one in segments if one[0] == "UCM"]
        found.setdefault(uci[1], set()).add(" ".join([*uci[4:6], *refused]))
    yield from _equal("verdicts of CONTRLs", found, wanted.verdicts)


def _told(rows: Rows, heard: Sequence[Request]) -> Iterator[str]:
    """Shop and store heard every event of theirs, signed, the same bytes under one id, in the order of each subject."""
    by_id: dict[str, bytes] = {}
    first_heard: dict[tuple[str, str], list[int]] = {}
    places = {str(event): (place, subject) for place, event, _, subject in rows.feed}
    for request in heard:
        identifier = request.headers["webhook-id"]
        Webhook(SECRETS[request.path]).verify(request.body, request.headers)
        if by_id.setdefault(identifier, request.body) != request.body:
            yield f"event {identifier} was told in two ways"
        place, subject = places.get(identifier, (0, ""))
        seen = first_heard.setdefault((request.path, subject), [])
        if place not in seen:
            seen.append(place)
        if orjson.loads(request.body)["id"] != identifier:
            yield f"event {identifier} has another id inside"
    owed = {str(event) for _, event, partner, _ in rows.feed if f"/{partner}" in SECRETS}
    yield from _differences("event", owed, by_id)
    yield from (f"{who}: events out of order" for who, seen in first_heard.items() if seen != sorted(seen))
    orders = Counter(order.channel for order in rows.orders.values())
    count = sum(EVENTS_OF_AN_ORDER.get(channel, 0) * n for channel, n in orders.items())
    yield from _equal("events told", len(by_id), count)
    yield from _equal("places in the feed", [place for place, *_ in rows.feed], list(range(1, len(rows.feed) + 1)))


def _secrets(data: Path, token: str) -> Iterator[str]:
    log = (data / "hub.log").read_text("utf-8", errors="replace")
    for secret in (token, *SECRETS.values(), "demo-shop-secret"):
        if secret in log:
            yield f"a secret stands in the log: {secret[:9]}…"
    yield from (
        f"the log tells of a crash of ours: {line[:200]}" for line in re.findall(r".*Task exception was.*", log)
    )


async def _api(hub_url: str, token: str, rows: Rows, wanted: Facts) -> list[str]:
    """The hub's own recount balances, and its answers say what the rows say."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=hub_url, headers=headers, trust_env=False, timeout=60) as client:
        verified = (await client.get("/verify")).raise_for_status().json()
        stock = (await client.get("/stock")).raise_for_status().json()
        summary = (await client.get("/summary")).raise_for_status().json()
    wrong = [f"hub verify: {one['name']}: {one['detail']}" for one in verified["checks"] if not one["ok"]]
    if verified["balanced"] != (not wrong) or not verified["checks"]:
        wrong.append("hub verify contradicts itself")
    told = {(row["sku"], row["location"]): Decimal(row["on_hand"]) for row in stock}
    wrong += _equal("stock as the API tells it", told, dict(wanted.stock))
    ends = Counter(end for documents in rows.documents.values() for _, end, _ in documents if end != "split")
    counted = {name: n for name, n in summary["outcomes"].items() if n}
    named = {"duplicate": "duplicates"}
    wrong += _equal("outcomes as the summary tells them", counted, {named.get(end, end): n for end, n in ends.items()})
    return wrong


def _differences(kind: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    expected, there = set(wanted), set(found)
    yield from (f"{kind} {key} is missing" for key in sorted(expected - there))
    yield from (f"{kind} {key} came from nowhere" for key in sorted(there - expected))


def _equal(kind: str, found: object, wanted: object) -> Iterator[str]:
    if found != wanted:
        yield f"{kind}: {found}, and must be {wanted}"


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
