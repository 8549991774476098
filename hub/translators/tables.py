"""Master data as CSV: one table per kind, every problem told by line and column.

The first line names the columns, in any order; a column that stands nowhere in the
kind is an error, an empty cell takes the default. Comma, semicolon or tab separate.

Source: RFC 4180.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from hub.canonical.catalogue import (
    Item,
    ListPrice,
    MasterParty,
    RegisterItems,
    RegisterParties,
    RegisterPrices,
    RegisterStores,
    RegisterVatRates,
    Store,
    VatRate,
)
from hub.canonical.envelope import Payload
from hub.canonical.finding import Finding, Location
from hub.canonical.party import Address, Party
from hub.canonical.stock import AdjustStock, StockCount
from hub.canonical.values import Value
from hub.errors import PartnerError

ROWS_PER_MESSAGE = 500
MOST_FINDINGS = 100
OPENING = "opening stock"

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: its columns, which of them are its key, how a row is read, and which command takes rows."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    read: Callable[[Row], Value]
    command: Callable[[tuple[Any, ...]], Payload]


def _party(row: Row) -> MasterParty:
    """Return a party; its columns lie flat in the table."""
    head, party, address = (
        {name: row[name] for name in names if name in row} for names in (_PARTY_HEAD, _PARTY, _ADDRESS)
    )
    return MasterParty.model_validate({**head, "party": {**party, "address": address or None}})


_PARTY_HEAD = ("party_id", "role")
_PARTY = tuple(name for name in Party.model_fields if name not in {"address", "contact"})
_ADDRESS = tuple(Address.model_fields)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "items": Kind(tuple(Item.model_fields), ("sku",), Item.model_validate, lambda rows: RegisterItems(items=rows)),
        "prices": Kind(
            tuple(ListPrice.model_fields),
            ("sku", "currency", "valid_from"),
            ListPrice.model_validate,
            lambda rows: RegisterPrices(prices=rows),
        ),
        "vat": Kind(
            tuple(VatRate.model_fields),
            ("code", "valid_from"),
            VatRate.model_validate,
            lambda rows: RegisterVatRates(vat_rates=rows),
        ),
        "stock": Kind(
            tuple(StockCount.model_fields),
            ("sku", "location"),
            StockCount.model_validate,
            lambda rows: AdjustStock(movements=rows, reason=OPENING),
        ),
        "parties": Kind(
            (*_PARTY_HEAD, *_PARTY, *_ADDRESS), ("party_id",), _party, lambda rows: RegisterParties(parties=rows)
        ),
        "stores": Kind(
            tuple(Store.model_fields), ("store",), Store.model_validate, lambda rows: RegisterStores(stores=rows)
        ),
    }
)
"""Every kind of table that can be imported."""


def read(kind: str, data: bytes) -> tuple[Payload, ...]:
    """Return the commands that take the rows of a table, 500 rows each.

    Raises PartnerError whose context holds `findings` (line, and the column as path)
    where anything is wrong: then nothing of the table is taken.
    """
    table = KINDS.get(kind)
    if table is None:
        raise PartnerError(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PartnerError(f"the table is not UTF-8 at byte {error.start}") from error
    values, findings = _values(table, text)
    if findings:
        first = findings[0]
        more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
        told = f"line {first.location.line}, column {first.location.path}: {first.message}{more}"
        raise PartnerError(told, findings=tuple(findings[:MOST_FINDINGS]))
    return tuple(
        table.command(tuple(values[start : start + ROWS_PER_MESSAGE]))
        for start in range(0, len(values), ROWS_PER_MESSAGE)
    )


def _values(table: Kind, text: str) -> tuple[list[Value], list[Finding]]:
    """Return what the rows say, and everything that is wrong with them."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    values: list[Value] = []
    findings: list[Finding] = []
    seen: dict[tuple[str, ...], int] = {}
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        findings += _wrong_header(table, header)
        for cells in lines if not findings else ():
            if any(cell.strip() for cell in cells):
                row, wrong = _row(header, cells, lines.line_num)
                value = None if wrong else _value(table, row, lines.line_num, wrong)
                wrong += _repeated(table, row, lines.line_num, seen)
                findings += wrong
                if value is not None:
                    values.append(value)
    except csv.Error as error:
        findings.append(_finding("not_csv", lines.line_num, "-", str(error)))
    if not values and not findings:
        findings.append(_finding("no_rows", 1, "-", "the table has no rows"))
    return values, findings


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _wrong_header(table: Kind, header: Sequence[str]) -> Iterator[Finding]:
    known = ", ".join(table.columns)
    for position, name in enumerate(header):
        if name not in table.columns:
            yield _finding("unknown_column", 1, name or str(position + 1), f"unknown column; there are {known}")
        elif name in header[:position]:
            yield _finding("duplicate_column", 1, name, "the column stands there twice")
    for name in table.key:
        if name not in header:
            yield _finding("missing_column", 1, name, "the column is missing")


def _row(header: Sequence[str], cells: Sequence[str], line: int) -> tuple[Row, list[Finding]]:
    if len(cells) > len(header):
        message = f"{len(cells)} cells, the first line names {len(header)} columns"
        return {}, [_finding("too_many_cells", line, str(len(header) + 1), message)]
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    return row, []


def _value(table: Kind, row: Row, line: int, wrong: list[Finding]) -> Value | None:
    try:
        return table.read(row)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            column = str(problem["loc"][-1]) if problem["loc"] else "-"
            wrong.append(_finding(problem["type"], line, column, problem["msg"]))
        return None


def _repeated(table: Kind, row: Row, line: int, seen: dict[tuple[str, ...], int]) -> list[Finding]:
    key = tuple(row.get(name, "") for name in table.key)
    first = seen.setdefault(key, line)
    if first == line or not row:
        return []
    return [_finding("duplicate_row", line, table.key[0], f"the same as line {first}: {' / '.join(key)}")]


def _finding(code: str, line: int, column: str, message: str) -> Finding:
    return Finding(code=code, location=Location(line=line, path=column), message=message)
