"""Our own sale JSON for tills: one sale, or `{"sales": [...]}`, in the shape of the canonical `Sale`.

Every receipt of a batch stands for itself: what is wrong with one is a list of
findings with JSON paths, and the others are read.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from hub.canonical import strict_json
from hub.canonical.finding import Finding, Location
from hub.canonical.sale import Sale
from hub.canonical.validation import findings_of
from hub.canonical.values import Value
from hub.errors import UnreadableInput
from hub.translators.pos.receipt import Receipt, ambiguities

MOST_LINES = 5_000
"""Of one receipt, so that what is wrong with them is told in an answer of reasonable size."""


class SaleBatch(Value):
    """Several receipts in one request."""

    sales: tuple[Sale, ...]


def read(body: bytes, *, max_bytes: int = strict_json.MAX_BYTES) -> Iterator[Receipt]:
    """Return the receipts in `body`, in order, readable or not; each is looked at when it is asked for.

    Raises UnreadableInput or LimitExceeded where the body as a whole is no JSON of this shape.
    """
    document = strict_json.parse(body, max_bytes=max_bytes)
    if not isinstance(document, dict):
        raise UnreadableInput('expected a sale or {"sales": [...]}')
    if "sales" not in document:
        return iter((_receipt(0, document, "$"),))
    sales = document["sales"]
    if not isinstance(sales, list) or len(document) > 1:
        raise UnreadableInput('expected a sale or {"sales": [...]} with nothing beside the list')
    return (_receipt(ordinal, sale, f"$.sales[{ordinal}]") for ordinal, sale in enumerate(sales))


def write(sales: Iterable[Sale]) -> bytes:
    """Return the batch that a till would send."""
    return SaleBatch(sales=tuple(sales)).model_dump_json(exclude_none=True).encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `read` takes."""
    return TypeAdapter(SaleBatch | Sale).json_schema()


def _receipt(ordinal: int, value: Any, path: str) -> Receipt:
    if not isinstance(value, dict):
        problem = Finding(code="wrong_type", location=Location(path=path), message="expected a sale")
        return Receipt(ordinal, None, (problem,))
    if any(isinstance(member, list) and len(member) > MOST_LINES for member in value.values()):
        problem = Finding(code="too_long", location=Location(path=path), message=f"more than {MOST_LINES} lines")
        return Receipt(ordinal, None, (problem,))
    try:
        sale = Sale.model_validate(value)
    except ValidationError as error:
        return Receipt(ordinal, None, findings_of(error, path))
    return Receipt(ordinal, sale, ambiguities(sale, path))
