"""EDIFACT as a partner sends it: interchanges put together with the right counts and references."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.finding import Finding
from hub.canonical.order import Order
from hub.canonical.party import Party
from hub.translators.edifact.interchange import Checked, check

SAMPLES = Path(__file__).parent / "samples" / "edifact"
UNB = "UNB+UNOC:3+5412345000013:14+5412345000020:14+261001:1020+542"
ORDERS = "ORDERS:D:96A:UN:EAN008"
HEAD = ("BGM+220+128576+9", "DTM+137:20261001:102", "NAD+BY+5412345000013::9")
LINE = ("LIN+1++5410738100159:EN", "QTY+21:48")
ORDER = (*HEAD, *LINE, "UNS+S")


def agreement(unit_codes: dict[str, str] | None = None, **edi: Any) -> Agreement:
    """Return the agreement with the sender of these interchanges."""
    us = InterchangeAddress(identifier="5412345000020", qualifier="14")
    them = InterchangeAddress(identifier="5412345000013", qualifier="14")
    terms = EdiAgreement(us=us, them=them, **edi)
    return Agreement(partner="harbour", party=Party(name="Harbour"), edi=terms, unit_codes=unit_codes or {})


def message(*segments: str, reference: str = "1", identifier: str = ORDERS) -> tuple[str, ...]:
    """Return a message around these segments, counted right."""
    return (f"UNH+{reference}+{identifier}", *segments, f"UNT+{len(segments) + 2}+{reference}")


def interchange(*messages: Iterable[str], unb: str = UNB, codec: str = "latin-1") -> bytes:
    """Return an interchange with these messages, counted right, in Latin-1 or another codec."""
    reference = unb.split("+")[5]
    inside = [segment for each in messages for segment in each]
    return file([unb, *inside, f"UNZ+{len(messages)}+{reference}"], codec)


def file(segments: Iterable[str], codec: str = "latin-1") -> bytes:
    """Return segments as bytes, each with its terminator, nothing counted."""
    return "".join(f"{segment}'" for segment in segments).encode(codec)


def read_one(*segments: str, unb: str = UNB, identifier: str = ORDERS, terms: Agreement | None = None) -> Checked:
    """Return what is found out about an interchange with one message around these segments."""
    return check(interchange(message(*segments, identifier=identifier), unb=unb), terms or agreement())


def order_of(checked: Checked) -> Order:
    """Return the order of the only message; it must have been read."""
    (only,) = checked.messages
    assert only.order is not None, only.verdict.findings
    return only.order.order


def places(findings: Iterable[Finding]) -> list[tuple[Any, ...]]:
    """Return code, tag, segment, element and component of each finding, as an acknowledgement would say it."""
    return [
        (found.code, found.location.tag, found.location.segment, found.location.element, found.location.component)
        for found in findings
    ]


def errors(findings: Iterable[Finding]) -> list[tuple[Any, ...]]:
    """Return the places of the findings that refuse something."""
    return places(found for found in findings if found.level == "error")


def warnings(findings: Iterable[Finding]) -> list[tuple[Any, ...]]:
    """Return the places of the findings that refuse nothing."""
    return places(found for found in findings if found.level == "warning")
