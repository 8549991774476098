"""Agreements with partners: read from TOML, kept with the identities that they bind, listed and shown.

Secrets stand in the file, since both sides must know them; what is shown is masked.
Every import is written to the audit log.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError

from hub.canonical.agreement import Agreement
from hub.canonical.finding import Finding, Location
from hub.canonical.validation import json_path
from hub.errors import BusinessRefusal, LimitExceeded, PartnerError
from hub.store.master import AgreementRow, Identity, ItemCode, buyers_scheme
from hub.store.messages import Audit
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Delete, Insert, Job, Load, Write
from hub.translators.edifact.layers import mistakes

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]

MAX_BYTES = 500_000
"""Of an agreement: one with 10,000 numbers of items has half of that, others a few thousand bytes."""
_DEEP = re.compile(r"""(?<!["'\w-])(?:["'\w-]++[ \t]*+\.[ \t]*+){32}""")
"""A name of more parts than any that we know, each of which costs a reader of TOML all those before it."""
MASK = "********"
GLN_QUALIFIER = "14"
_KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_KEYS = rf"(?P<names>{_KEY}(?:\s*\.\s*{_KEY})*)"
_TABLE = re.compile(rf"\s*\[(?P<array>\[)?\s*{_KEYS}\s*\]")
_NAME = re.compile(rf"\s*{_KEYS}\s*=")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: `state` tells whether anything is different now."""

    partner: str
    state: Literal["created", "changed", "unchanged"]
    sha256: str


def read(data: bytes) -> Agreement:
    """Return the agreement that a TOML file states.

    Raises PartnerError whose context holds `findings`: each problem with its path and,
    where it can be told, its line.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"{len(data)} bytes of agreement, {MAX_BYTES} are allowed")
    try:
        text = data.decode()
        if _DEEP.search(text):
            raise LimitExceeded("the file has a name of more than 32 parts")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PartnerError(f"the file is not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise PartnerError(f"the file is not TOML: {error}") from error
    except RecursionError as error:
        raise LimitExceeded("the file is nested too deeply") from error
    try:
        agreement = Agreement.model_validate(values)
    except ValidationError as error:
        raise _wrong(text, ((problem["loc"], problem["msg"], problem["type"]) for problem in _of(error))) from error
    found = [(("edi", *path), told, "guide") for path, told in mistakes(agreement.edi)] if agreement.edi else []
    if found:
        raise _wrong(text, found)
    return agreement


def identities(agreement: Agreement) -> list[Identity]:
    """Return the identities for which the partner's credentials may speak."""
    partner, edi, shop = agreement.partner, agreement.edi, agreement.shop
    glns = {*agreement.glns, *([agreement.party.gln] if agreement.party.gln else [])}
    found = [Identity("store", store, partner) for store in agreement.stores]
    if edi is not None:
        found.append(Identity("edi", str(edi.them), partner))
        if edi.them.qualifier == GLN_QUALIFIER:
            glns.add(edi.them.identifier)
    if shop is not None:
        found.append(Identity("shop", f"{shop.platform}/{shop.shop}", partner))
    return sorted([*found, *(Identity("gln", gln, partner) for gln in glns)])


def keep(data: bytes, *, at: datetime, actor: str, reason: str | None, audit_id: UUID) -> Job[Imported]:
    """Keep an agreement and bind its identities; the same bytes again change nothing.

    Raises PartnerError for a file that is wrong, BusinessRefusal where an identity is another partner's.
    """
    agreement, sha256 = read(data), hashlib.sha256(data).hexdigest()
    rows = yield Load(SPECS[AgreementRow], [(agreement.partner,)], lock=True)
    held: AgreementRow | None = rows[0] if rows else None
    if held is not None and held.sha256 == sha256:
        return Imported(agreement.partner, "unchanged", sha256)
    yield from _bind(agreement)
    yield from _name_items(agreement)
    version = held.version if held else 0
    yield Write(SPECS[AgreementRow], [AgreementRow(agreement.partner, agreement, sha256, at, version)])
    audit = Audit(audit_id, at, actor, "agreement.import", agreement.partner, reason, sha256)
    yield Insert(SPECS[Audit], [audit])
    return Imported(agreement.partner, "changed" if held else "created", sha256)


def listed() -> Job[list[AgreementRow]]:
    """Return all agreements, sorted by partner."""
    found = yield from select(AgreementRow, order="partner")
    return found


def find(partner: str) -> Job[AgreementRow | None]:
    """Return the agreement with a partner."""
    rows = yield Load(SPECS[AgreementRow], [(partner,)])
    return rows[0] if rows else None


def shown(agreement: Agreement) -> dict[str, Any]:
    """Return the agreement as it may be shown: without its secrets."""
    values = agreement.model_dump(mode="json", exclude_none=True)
    if agreement.webhook is not None:
        values["webhook"] |= {name: MASK for name in ("secret", "retiring_secret") if name in values["webhook"]}
    if agreement.shop is not None:
        values["shop"]["secrets"] = [MASK] * len(agreement.shop.secrets)
    return values


def _bind(agreement: Agreement) -> Job[None]:
    """Give the partner exactly the identities of its agreement."""
    spec, wanted = SPECS[Identity], identities(agreement)
    taken = yield Load(spec, [(one.kind, one.value) for one in wanted])
    others = [one for one in taken if one.partner != agreement.partner]
    if others:
        named = ", ".join(f"{one.kind} {one.value} ({one.partner})" for one in others)
        raise BusinessRefusal(f"another partner has these identities already: {named}")
    held = yield from select(Identity, Selection().equal(partner=agreement.partner))
    yield Delete(spec, sorted((one.kind, one.value) for one in held))
    yield Insert(spec, wanted)


def _name_items(agreement: Agreement) -> Job[None]:
    """Make items known by exactly the numbers that the partner has for them."""
    spec, scheme = SPECS[ItemCode], buyers_scheme(agreement.partner)
    rows = yield from select(ItemCode, Selection().equal(scheme=scheme))
    held = {row.code: row for row in rows}
    yield Delete(spec, sorted((scheme, code) for code in held.keys() - agreement.item_numbers.keys()))
    wanted = [
        ItemCode(scheme, number, sku, held[number].version if number in held else 0)
        for number, sku in sorted(agreement.item_numbers.items())
    ]
    yield Write(spec, [row for row in wanted if row != held.get(row.code)])


def _wrong(text: str, problems: Iterable[tuple[Path, str, str]]) -> PartnerError:
    """Return the error that tells path, line and message of each problem."""
    lines = dict(_lines(text))
    findings = tuple(_finding(steps, message, code, lines) for steps, message, code in problems)
    told = "; ".join(
        f"{one.location.path} (line {one.location.line}): {one.message}"
        if one.location.line
        else f"{one.location.path}: {one.message}"
        for one in findings
    )
    return PartnerError(told, findings=findings)


def _of(error: ValidationError) -> list[Any]:
    return list(error.errors(include_url=False, include_context=False, include_input=False))


def _finding(steps: Path, message: str, code: str, lines: Lines) -> Finding:
    location = Location(path="$" + json_path(steps), line=_line(steps, lines))
    return Finding(code=code, location=location, message=message)


def _line(steps: Path, lines: Lines) -> int | None:
    """Return the line that sets the value at these steps, or the longest beginning of them that is there."""
    for length in range(len(steps), 0, -1):
        if steps[:length] in lines:
            return lines[steps[:length]]
    return None


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    """Yield the path of each name that the text sets, and its line; tables of one name are counted from 0."""
    table: Path = ()
    counted: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _TABLE.match(line):
            names = _names(heading["names"])
            if heading["array"]:
                counted[names] = counted.get(names, -1) + 1
            table = _numbered(names, counted)
            yield table, number
        elif name := _NAME.match(line):
            yield (*table, *_names(name["names"])), number


def _numbered(names: Path, counted: Mapping[Path, int]) -> Path:
    """Return a table's path with the place of each table that is one of several."""
    steps: list[str | int] = []
    for length, name in enumerate(names, 1):
        steps.append(name)
        if names[:length] in counted:
            steps.append(counted[names[:length]])
    return tuple(steps)


def _names(dotted: str) -> Path:
    return tuple(name.strip("\"'") for name in re.findall(_KEY, dotted))
