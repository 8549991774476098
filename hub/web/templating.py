"""Templates of the pages: escaped, strict about names, and with the few words that they need."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

FOLDER = Path(__file__).with_name("templates")
_SECONDS = ((86_400, "d"), (3_600, "h"), (60, "min"), (0, "s"))


def page(template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(ENVIRONMENT.get_template(template).render(values), status)


def number(value: Decimal | int) -> str:
    """Return a number as people read it: thousands apart, no zeros behind the point that say nothing."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}")


def money(value: Decimal, currency: str) -> str:
    """Return an amount with two decimal places at least, and its currency."""
    places = max(2, -int(value.as_tuple().exponent))
    return f"{value:,.{places}f}".replace(",", "\N{NARROW NO-BREAK SPACE}") + f" {currency}"


def duration(seconds: float) -> str:
    """Return how long something takes or is ago, in its largest unit."""
    size, unit = next((size, unit) for size, unit in _SECONDS if seconds >= size or not size)
    return f"{seconds / size:.0f} {unit}" if size else f"{max(seconds, 0):.0f} s"


def clock(at: datetime) -> str:
    """Return an instant as its time of day, in UTC."""
    return f"{at.astimezone(UTC):%H:%M:%S}"


def moment(at: datetime) -> str:
    """Return an instant as its time of day to the millisecond, in UTC."""
    return f"{at.astimezone(UTC):%H:%M:%S.%f}"[:-3]


def instant(at: datetime) -> str:
    """Return an instant whole, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.filters |= {
    "number": number,
    "money": money,
    "duration": duration,
    "clock": clock,
    "moment": moment,
    "instant": instant,
}
