"""The EDI retailer: it writes ORDERS, reads what is answered into its folder, and pays its invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from demo.catalogue import Article

PARTNER = "nordmarkt"
WE = "4012345000023"
SELLER = "4012345000016"
WAREHOUSE = "4012345000030"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One order: its number and how many of each article."""

    number: str
    lines: Sequence[tuple[Article, int]]


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice as the retailer read it in an INVOIC."""

    number: str
    amount: Decimal


def interchange(reference: str, orders: Sequence[Wanted], now: datetime | None = None) -> bytes:
    """Return an interchange of ORDERS D.96A (EANCOM)."""
    now = now or datetime.now(UTC)
    segments = [f"UNB+UNOC:3+{WE}:14+{SELLER}:14+{now:%y%m%d:%H%M}+{reference}++ORDERS"]
    for position, order in enumerate(orders, 1):
        segments += _message(str(position), order, now)
    segments.append(f"UNZ+{len(orders)}+{reference}")
    return ("UNA:+.? '\r\n" + "".join(f"{segment}'\r\n" for segment in segments)).encode("iso8859-1")


def _message(reference: str, order: Wanted, now: datetime) -> list[str]:
    body = [
        f"UNH+{reference}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+{order.number}+9",
        f"DTM+137:{now:%Y%m%d}:102",
        f"DTM+2:{now + timedelta(days=3):%Y%m%d}:102",
        f"NAD+BY+{WE}::9",
        f"NAD+SU+{SELLER}::9",
        f"NAD+DP+{WAREHOUSE}::9",
        "CUX+2:EUR:9",
    ]
    for line, (article, quantity) in enumerate(order.lines, 1):
        body += [f"LIN+{line}++{article.gtin}:EN", f"QTY+21:{quantity}", f"PRI+AAA:{article.net}"]
    body += ["UNS+S", f"CNT+2:{len(order.lines)}"]
    return [*body, f"UNT+{len(body) + 1}+{reference}"]


def damaged(reference: str, order: Wanted) -> bytes:
    """Return an interchange whose message says it has more segments than it has."""
    whole = interchange(reference, [order])
    return whole.replace(b"UNT+", b"UNT+9", 1)


def drop(folder: Path, name: str, content: bytes) -> None:
    """Put a file into the hub's watched folder, as a well-behaved partner does: whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder.parent / f"{name}.partial"
    partial.write_bytes(content)
    partial.replace(folder / name)


def invoices(folder: Path) -> list[Owed]:
    """Return the invoices among the files that the hub has put into our folder."""
    return [owed for file in answers(folder) for owed in invoices_in(file)]


def answers(folder: Path) -> list[Path]:
    """Return the files that the hub has put into our folder."""
    return [file for file in sorted(folder.glob("*")) if not file.name.startswith(".")]


def take_away(file: Path) -> None:
    """Move a file that is dealt with out of the folder between us and the hub."""
    mine = file.parent.parent / "taken"
    mine.mkdir(exist_ok=True)
    file.replace(mine / file.name)


def invoices_in(file: Path) -> list[Owed]:
    """Return the invoices of one file."""
    number, found = "", []
    for segment in (part.strip() for part in file.read_bytes().decode("iso8859-1").split("'")):
        if segment.startswith("BGM+380+"):
            number = segment.split("+")[2]
        elif segment.startswith("MOA+9:") and number:
            found.append(Owed(number, Decimal(segment.split(":")[1])))
            number = ""
    return found
