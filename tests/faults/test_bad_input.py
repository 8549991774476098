"""Bad input of every kind at every door: answered, kept as it came, told where and why; and nobody else notices."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx2

from demo import retailer, shop, tills
from demo.retailer import Wanted
from tests.faults import load
from tests.faults.house import House, running
from tests.faults.rows import Rows, snapshot
from tests.listener import Request

PATIENCE = 60.0
NO_TEXT: Mapping[str, bytes] = {
    "one byte": b"\x00",
    "nothing but zeroes": bytes(5_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "a page": b"<!doctype html><html><body>404</body></html>",
    "text in UTF-16": "UNB+UNOC:3+4012345000016:14'".encode("utf-16"),
}


def _interchange(reference: str) -> bytes:
    return retailer.interchange(reference, [Wanted(f"PO-{reference}", load.lines(reference, 3))], load.WHEN)


def edifact() -> Iterator[tuple[str, bytes]]:
    """Yield interchanges that are wrong in one way each."""
    good = _interchange
    yield "no end", good("B1").partition(b"UNZ")[0]
    yield "cut off in a segment", good("B2")[:-40]
    yield "the head alone", good("B3").partition(b"UNH")[0]
    yield "another number of messages", good("B4").replace(b"UNZ+1", b"UNZ+7")
    yield "another number of segments", good("B5").replace(b"UNT+", b"UNT+9")
    yield "another reference at the end", good("B6").replace(b"+B6'", b"+B60'")
    yield "an unknown message type", good("B7").replace(b"ORDERS:D", b"PRICAX:D")
    yield "an unknown directory", good("B8").replace(b":D:96A", b":D:77Z")
    yield "no beginning of the message", _without(good("B9"), b"BGM")
    yield "a quantity that is no number", good("B10").replace(b"QTY+21:", b"QTY+21:x")
    yield "a date that no calendar has", good("B11").replace(b"DTM+137:2026", b"DTM+137:20999")
    yield "an unknown charset", good("B12").replace(b"UNB+UNOC", b"UNB+UNOQ")
    yield "a control character", good("B13").replace(b"BGM+220+", b"BGM+220+\x00")
    yield "an escape at the very end", good("B14") + b"?"
    yield (
        "X12",
        b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~",
    )
    yield "interactive EDI", b"UIB+UNOA:1+1'UIH+ORDERS:D:96A:UN+1'UIT+1+2'UIZ+1+1'"
    yield "a segment without an end", b"UNB+" + b"A" * 1_000_000


def _without(interchange: bytes, tag: bytes) -> bytes:
    return b"'".join(one for one in interchange.split(b"'") if not one.strip().startswith(tag))


def documents(good: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield JSON that is wrong in one way each; `good` is a document of the door."""
    text = json.dumps(good)
    first = next(name for name, value in good.items() if isinstance(value, list))
    yield "half of it", text[: len(text) // 2].encode()
    yield "a list", b"[1, 2, 3]"
    yield "a text", b'"order"'
    yield "null", b"null"
    yield "nothing in it", b"{}"
    yield "brackets a hundred thousand deep", b"[" * 100_000
    yield "a number that is none", text.replace("}", ', "x": NaN}', 1).encode()
    yield "a name given twice", (text[:-1] + f', "{first}": []}}').encode()
    yield "a number of a million digits", (text[:-1] + ', "x": ' + "9" * 1_000_000 + "}").encode()
    yield "half a surrogate", (text[:-1] + ', "x": "\\ud800"}').encode()
    yield "not UTF-8", text.encode() + b"\xff"
    yield "a NUL in a text", (text[:-1] + ', "x": "\\u0000"}').encode()
    yield "a list where a text belongs", json.dumps(dict(good) | {name: [[]] for name in good}).encode()


JOURNALS: Mapping[str, bytes] = {
    "never closed": b"<POSLog><Transaction>",
    "an entity that grows": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><POSLog>&b;</POSLog>',
    "an entity from a file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><POSLog>&a;</POSLog>',
    "another namespace": b'<POSLog xmlns="urn:nobody"><Transaction/></POSLog>',
    "another root": b"<Journal/>",
    "an encoding that is none": b'<?xml version="1.0" encoding="nonsense"?><POSLog/>',
    "a thousand thousand elements": b"<POSLog>" + b"<a>" * 100_000,
}


@dataclass(frozen=True)
class Post:
    """One request of somebody who may send there, and how it must be answered. `kept`: the door keeps what it takes."""

    name: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    answer: frozenset[int]
    kept: bool = True

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def posts(credentials: Mapping[str, str]) -> Iterator[Post]:
    """Yield every bad input at every door."""

    def by(who: str, kind: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {credentials[who]}", "Content-Type": kind}

    taken, noted, unreadable = frozenset({202}), frozenset({200}), frozenset({400})
    order = json.loads(shop.order(9, load.lines("bad", 2), load.WHEN))
    receipt = tills.receipt("1", 9, load.lines("bad", 2), load.WHEN.date())
    for name, body in (*NO_TEXT.items(), *edifact()):
        yield Post(f"EDIFACT: {name}", "/edi", body, by(load.RETAILER, "application/edifact"), taken)
    for number, (name, body) in enumerate((*NO_TEXT.items(), *documents(order)), 1):
        yield Post(f"shop: {name}", shop.PATH, body, shop.delivery(body, f"bad-{number}").headers, noted)
    till = by(load.till("1"), "application/json")
    for name, body in (*NO_TEXT.items(), *documents({"sales": [receipt]}), *documents(receipt)):
        yield Post(f"till: {name}", tills.PATH, body, till, unreadable)
    for name, body in (*NO_TEXT.items(), *JOURNALS.items()):
        yield Post(f"journal: {name}", "/pos/poslog", body, by(load.till("1"), "application/xml"), unreadable)
    stock, paid = load.goods_in(9), load.payment(retailer.Owed("2026-000001", Decimal(1)))
    for command in (stock, paid):
        for name, body in (*NO_TEXT.items(), *documents(json.loads(command.body))):
            headers = by(load.OPERATOR, "application/json")
            yield Post(f"{command.path}: {name}", command.path, body, headers, frozenset({400, 422}), kept=False)


async def test_bad_input_of_every_kind_is_answered_kept_and_told_and_harms_nobody(
    house: House, heard: list[Request]
) -> None:
    sent = list(posts(house.credentials))
    async with house.client() as client, running(house.data, house.settings) as process:
        client.url = process.url
        async with httpx2.AsyncClient(base_url=process.url, trust_env=False, timeout=PATIENCE) as http:
            answers = [await http.post(one.path, content=one.body, headers=one.headers) for one in sent]
            await client.send_all(load.of_every_kind(1))
            await house.settle(client)
            operator = {"Authorization": f"Bearer {house.credentials[load.OPERATOR]}"}
            verified = (await http.get("/verify", headers=operator)).json()
        rows = await snapshot(house.database_url)
    assert [one.name for one, answer in zip(sent, answers, strict=True) if answer.status_code not in one.answer] == []
    assert [one.name for one, answer in zip(sent, answers, strict=True) if not _says_what_to_do(answer)] == []
    archived = {one.sha256: one.size for one in rows.came_in}
    assert [one.name for one in sent if one.kept and archived.get(one.sha256) != len(one.body)] == []
    assert [one.name for one in sent if one.kept and not _refused_with_a_reason(rows, one)] == []
    assert (verified["balanced"], [order.state for order in rows.orders.values() if order.state != "completed"]) == (
        True,
        [],
    )
    assert heard


async def test_what_nobody_we_know_has_sent_is_counted_and_not_kept(house: House, heard: list[Request]) -> None:
    sent = [one for one in posts(house.credentials) if one.kept]
    strange = {"Authorization": "Bearer hub_000000000000_wrong", "X-Shopify-Hmac-SHA256": "AAAA"}
    async with running(house.data, house.settings) as process:
        http = httpx2.AsyncClient(base_url=process.url, trust_env=False, timeout=PATIENCE)
        async with http:
            before = len((await snapshot(house.database_url)).came_in)
            answers = [await http.post(one.path, content=one.body, headers={**one.headers, **strange}) for one in sent]
            operator = {"Authorization": f"Bearer {house.credentials[load.OPERATOR]}"}
            summary = (await http.get("/summary", headers=operator)).json()
    assert {answer.status_code for answer in answers} == {401}
    assert summary["unauthenticated"] == len(sent)
    assert len((await snapshot(house.database_url)).came_in) == before
    assert heard == []


def _says_what_to_do(answer: httpx2.Response) -> bool:
    """Tell whether a refusal says why and what to do, and where if it names findings; a 2xx names what was taken."""
    told = answer.json()
    if answer.is_success:
        return bool(told)
    findings = told.get("findings", [])
    return bool(told["detail"] and told["help"]) and all(one["message"] and one["location"] for one in findings)


def _refused_with_a_reason(rows: Rows, post: Post) -> bool:
    ends = [(end, bool(reason)) for _, end, reason in rows.documents.get(post.sha256, []) if end != "split"]
    return bool(ends) and set(ends) == {("refused", True)}
