"""A directory of the UN, read from the text files of its archive: messages, segments, composites, elements, codes.

The files have been set out for people, in two manners: until D.99A without a column for
repetitions, since D.99B with one. What is read is what stands in columns: tags, numbers,
M or C, counts, forms, the lines that hold groups together, code values, and names.

Source: UN/CEFACT UNTDID, the files EDMD, EDSD, EDCD, EDED and UNCL of an archive.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FORM = "crossdock-edifact/1"

_MESSAGE_FILE = re.compile(r"[A-Z]{6}_[A-Z]\.[0-9]{2}[A-Z]")
_RULE = re.compile(r"[-\xc4]{20,}\s*")
_DRAWN = str.maketrans(dict.fromkeys("\xbf\xd9\xc1\xc5\xb4\xc3\xc2", "+") | {"\xc4": "-", "\xb3": "|"})
"""The characters by which DOS drew lines, as those of plain text."""
_MARKS = r"[ *+#|X\x04-]*"
"""What has changed since the directory before: signs in front of what they are about."""

_STATED = re.compile(r"\s*(Message Type|Version|Release)\s*:\s*(\w+)\s*")
_TABLE = re.compile(r"Pos\s+Tag\s+Name\s+S\s+R\s*")
_PLACE = re.compile(r"[0-9]{4,5}\b")
_GROUP_ROW = re.compile(rf"([0-9]{{4,5}}){_MARKS}-+\s*Segment group\s+([0-9]+)\s*-+\s*([MC])\s+([0-9]+)([-+|\s]*)")
_SEGMENT_ROW = re.compile(rf"([0-9]{{4,5}}){_MARKS}\b([A-Z]{{3}})\s+(\S.*?)\s+([MC])\s+([0-9]+)([-+|\s]*)")

_ENTRY = re.compile(r"[0-9]{3}\s")
_PART = re.compile(
    rf"([0-9]{{3}}){_MARKS}\b([CES][0-9]{{3}}|[0-9]{{4}})\s+(\S.*?)\s+([MC])(?:\s+([0-9]+))?"
    r"(?:\s+(?:an?|n)(?:\.\.)?[0-9]+)?(?:\s+[0-9][0-9,]*)?\s*"
)
_SEGMENT_HEAD = re.compile(rf"{_MARKS}\b([A-Z]{{3}})\s{{2,}}(\S.*?)\s*")
_COMPOSITE_HEAD = re.compile(rf"{_MARKS}\b(C[0-9]{{3}})\s+(\S.*?)\s*")
_ELEMENT_HEAD = re.compile(rf"{_MARKS}\b([0-9]{{4}})\s+(\S.*?)\s*(?:\[[A-Z]?\])?\s*")
_FORM_LINE = re.compile(r"\s*Repr:\s*(an?|n)\s*(\.\.)?\s*([0-9]+)\s*")
_CODE_LINE = re.compile(r"([A-Za-z0-9]{1,6})\s+(\S.*)")


class Unreadable(ValueError):
    """A file of an archive is not as expected; the text names file and line."""


class _Line(NamedTuple):
    number: int
    text: str


class _Element(NamedTuple):
    """An element's number and the column in which it stands, as do the codes below it."""

    number: str
    column: int


@dataclass
class Facts:
    """What an archive says. `name` is the directory's (`D.97A`); the others are as in the tables of the hub."""

    name: str = ""
    messages: dict[str, list[Any]] = field(default_factory=dict)
    segments: dict[str, list[list[Any]]] = field(default_factory=dict)
    composites: dict[str, list[list[str]]] = field(default_factory=dict)
    elements: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=lambda: {"segments": {}, "elements": {}, "codes": {}})
    left_out: dict[str, str] = field(default_factory=dict)
    """Messages that use what the archive does not have, each with that."""

    @property
    def table(self) -> dict[str, Any]:
        """The directory in the form of `schemas/edifact`, with its codes and names."""
        parts: dict[str, Mapping[str, Any]] = {
            "messages": self.messages,
            "segments": self.segments,
            "composites": self.composites,
            "elements": self.elements,
            "codes": self.codes,
        }
        tables = {name: dict(sorted(part.items())) for name, part in parts.items()}
        return {"form": FORM, "directory": self.name} | tables | {"labels": self.labels}


def read(files: Mapping[str, bytes]) -> Facts:
    """Return what the files of one archive say, by their names in it; others than the five kinds are not looked at.

    Raises Unreadable for a file that is set out otherwise, for messages of several directories, and where a kind of
    file is missing (all but the code lists are needed).
    """
    facts = Facts()
    kinds = dict.fromkeys(("messages", "EDSD", "EDCD", "EDED"), False)
    for name, data in sorted(files.items()):
        base = name.replace("\\", "/").rpartition("/")[2].upper()
        lines = [_Line(number, text) for number, text in enumerate(data.decode("latin-1").splitlines(), 1)]
        if _MESSAGE_FILE.fullmatch(base):
            _read_message(base, lines, facts)
            kinds["messages"] = True
        elif base[:4] in _READERS:
            _READERS[base[:4]](base, lines, facts)
            kinds[base[:4]] = True
    missing = [kind for kind in ("EDSD", "EDCD", "EDED", "messages") if not kinds[kind]]
    if missing:
        raise Unreadable(f"the archive has no {' and no '.join(missing)}: is it a whole directory of the UN?")
    _leave_out_what_is_not_whole(facts)
    return facts


def _read_message(file: str, lines: list[_Line], facts: Facts) -> None:
    stated = {found[1]: found[2] for line in lines if (found := _STATED.fullmatch(line.text))}
    name = f"{stated.get('Version', '')}.{stated.get('Release', '')}"
    if "Message Type" not in stated or len(name) < len("D.96A"):
        raise Unreadable(f"{file}: says no Message Type, Version and Release")
    if facts.name not in {"", name}:
        raise Unreadable(f"{file}: is of {name}, others are of {facts.name}: import one directory at a time")
    facts.name = name
    begins = [index for index, line in enumerate(lines) if _TABLE.fullmatch(line.text.strip())]
    if not begins:
        raise Unreadable(f"{file}: has no segment table (a line 'Pos Tag Name S R')")
    facts.messages[stated["Message Type"]] = _message_table(file, lines[begins[-1] + 1 :])


def _message_table(file: str, lines: Iterable[_Line]) -> list[Any]:
    content: list[Any] = []
    open_groups: list[list[Any]] = [content]
    for line in _rows(lines):
        text = line.text.translate(_DRAWN).rstrip()
        group = _GROUP_ROW.fullmatch(text)
        row = group or _SEGMENT_ROW.fullmatch(text)
        if row is None:
            raise Unreadable(f"{file} line {line.number}: no row of a segment table: {line.text.strip()!r}")
        position, tag, status, most, drawn = (*row.group(1, 2), *row.group(*((3, 4, 5) if group else (4, 5, 6))))
        if group:
            inner: list[Any] = []
            open_groups[-1].append([position, int(tag), status, int(most), inner])
            open_groups.append(inner)
            continue
        open_groups[-1].append([position, tag, status, int(most)])
        closed = drawn.count("+")
        if closed >= len(open_groups):
            raise Unreadable(f"{file} line {line.number}: closes {closed} groups, {len(open_groups) - 1} are open")
        del open_groups[len(open_groups) - closed :]
        if tag == "UNT":
            break
    if len(open_groups) > 1 or not content or content[-1][1] != "UNT":
        raise Unreadable(f"{file}: the segment table does not end with UNT outside all groups")
    return content


def _rows(lines: Iterable[_Line]) -> Iterator[_Line]:
    """Yield the rows of a segment table; a name that goes on in the next line is joined."""
    held: _Line | None = None
    for line in lines:
        text = line.text.strip()
        if _PLACE.match(text):
            if held:
                yield held
            held = _Line(line.number, text)
        elif held and text.strip("-+|\xb3 ") and not text.isupper():
            held = _Line(held.number, f"{held.text} {text}")
        elif held:
            yield held
            held = None
    if held:
        yield held


def _blocks(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Yield what stands between rules, without the blank lines at its ends."""
    block: list[_Line] = []
    for line in lines:
        if _RULE.fullmatch(line.text):
            if block:
                yield block
            block = []
        elif line.text.strip() or block:
            block.append(line)
    if block:
        yield block


def _read_segments(file: str, lines: list[_Line], facts: Facts) -> None:
    for head, parts in _with_parts(file, lines, _SEGMENT_HEAD):
        tag, name = head
        for number, (position, *_) in enumerate(parts, 1):
            if int(position) != 10 * number:
                raise Unreadable(f"{file}: part {number} of {tag} stands at {position}, not at {number}0")
        facts.segments[tag] = [[code, status, int(most or 1)] for _, code, _, status, most in parts]
        facts.labels["segments"][tag] = name.capitalize()


def _read_composites(file: str, lines: list[_Line], facts: Facts) -> None:
    for (code, _), parts in _with_parts(file, lines, _COMPOSITE_HEAD):
        facts.composites[code] = [[element, status] for _, element, _, status, _ in parts]


def _with_parts(
    file: str, lines: list[_Line], head: "re.Pattern[str]"
) -> Iterator[tuple[tuple[str, str], list[tuple[str, ...]]]]:
    """Yield the blocks that have parts: what the head says, and of each part position, code, name, status, count."""
    for block in _blocks(lines):
        entries = list(_entries(block))
        if not entries:
            continue
        found = head.fullmatch(block[0].text)
        if found is None:
            raise Unreadable(f"{file} line {block[0].number}: no tag with a name: {block[0].text.strip()!r}")
        parts = []
        for line in entries:
            part = _PART.fullmatch(line.text)
            if part is None:
                raise Unreadable(f"{file} line {line.number}: no part of {found[1]}: {line.text.strip()!r}")
            parts.append(part.groups(""))
        yield (found[1], found[2]), parts


def _entries(block: Iterable[_Line]) -> Iterator[_Line]:
    """Yield the lines that begin with a position, each with the lines in which its name goes on."""
    held: _Line | None = None
    for line in block:
        if _ENTRY.match(line.text):
            if held:
                yield held
            held = line
        elif held and line.text.strip() and not _PART.fullmatch(held.text):
            held = _Line(held.number, f"{held.text.rstrip()} {line.text.strip()}")
    if held:
        yield held


def _read_elements(file: str, lines: list[_Line], facts: Facts) -> None:
    for element, name, form, _ in _with_forms(file, lines):
        facts.elements[element.number] = form
        facts.labels["elements"][element.number] = name


def _read_codes(file: str, lines: list[_Line], facts: Facts) -> None:
    for element, _, form, rest in _with_forms(file, lines):
        facts.elements.setdefault(element.number, form)
        names = dict(_codes(element.column, rest))
        if names:
            facts.codes[element.number] = " ".join(sorted({*facts.codes.get(element.number, "").split(), *names}))
            facts.labels["codes"].setdefault(element.number, {}).update(names)


def _with_forms(file: str, lines: list[_Line]) -> Iterator[tuple[_Element, str, str, list[_Line]]]:
    """Yield the blocks of elements: number, name, form (`an..35`), and the lines behind it."""
    for block in _blocks(lines):
        at, form = next(
            ((at, found) for at, line in enumerate(block) if (found := _FORM_LINE.fullmatch(line.text))), (0, None)
        )
        if form is None:
            continue
        head = _ELEMENT_HEAD.fullmatch(block[0].text)
        if head is None:
            raise Unreadable(f"{file} line {block[0].number}: no element with a name: {block[0].text.strip()!r}")
        yield _Element(head[1], head.start(1)), head[2], f"{form[1]}{form[2] or ''}{form[3]}", block[at + 1 :]


def _codes(column: int, lines: Iterable[_Line]) -> Iterator[tuple[str, str]]:
    """Yield codes and their names, which begin in a column; what is said of them stands further right."""
    after_blank = True
    for line in lines:
        mark, text = line.text[:column], line.text[column:]
        if after_blank and re.fullmatch(_MARKS, mark):
            found = _CODE_LINE.fullmatch(text.rstrip())
            if found:
                yield found[1], found[2]
        after_blank = not line.text.strip()


_READERS = {"EDSD": _read_segments, "EDCD": _read_composites, "EDED": _read_elements, "UNCL": _read_codes}


def _leave_out_what_is_not_whole(facts: Facts) -> None:
    """Take out the messages of which something cannot be checked since the archive lacks it."""
    wanting = {tag: lacks for tag, parts in facts.segments.items() if (lacks := _lacks(parts, facts))}
    for type_, content in list(facts.messages.items()):
        tags = {tag for tag in _tags(content) if not tag.startswith("U")}
        missing = [*sorted(tags - set(facts.segments)), *(wanting[tag] for tag in sorted(tags & set(wanting)))]
        if missing:
            facts.left_out[type_] = missing[0]
            del facts.messages[type_]
    for tag in wanting:
        del facts.segments[tag]


def _lacks(parts: Iterable[list[Any]], facts: Facts) -> str:
    """Return the first composite or element of a segment that the archive does not have, "" where it has all."""
    for code, *_ in parts:
        inner = [element for element, _ in facts.composites.get(code, [])] or [code]
        missing = next((element for element in inner if element not in facts.elements), None)
        if missing:
            return missing
    return ""


def _tags(content: Iterable[Any]) -> Iterator[str]:
    for _, tag, _, _, *inner in content:
        if inner:
            yield from _tags(inner[0])
        else:
            yield tag
