"""A file that may be shown to others: its structure as it was, and nobody's names, numbers and prices in it.

Strategy: what is not known to be harmless is replaced. Codes, counts, quantities, dates and
control references stay, so that the structure and its mistakes do; every other value
becomes one of the same shape: a letter for a letter, a digit for a digit, with a right
check digit where there was one. Equal values become equal ones, so that references still
meet. Amounts are multiplied by one factor, so that what added up still does. Text that
stands between interchanges is left out, and a file that cannot be read to its end is
refused: nobody could tell what the rest of it says.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest

from hub.canonical.values import check_digit, has_check_digit
from hub.errors import UnreadableInput
from hub.translators.edifact.checking import chunks_of
from hub.translators.edifact.directory import Format, held_directory, service_directory, stated_directory
from hub.translators.edifact.opening import BLANK, NEEDED, Fault, Opening, read_opening
from hub.translators.edifact.script import BETWEEN
from hub.translators.edifact.slices import FileBytes, InterchangeSlice, segment_end, split
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from hub.translators.edifact.validate import parts_of

# fmt: off
KEPT = frozenset({
    # what the envelope and CONTRL are made of: types, versions, control references
    "0001", "0020", "0038", "0048", "0057", "0062", "0065", "0080", "0110", "0113", "0115", "0121", "0127",
    # lines, levels, code lists
    "1050", "1056", "1058", "1060", "1082", "1131", "1156", "7164", "7166",
})
# fmt: on
"""Elements of free form that stay: they tell nobody's business."""
MEASURES = frozenset({"2380", "5273", "5278", "5279", "6060", "6314"})
"""Dates, rates and quantities of free form: they stay where no letter is in them."""
AMOUNTS = frozenset({"5004", "5118", "5286"})
"""Elements that are multiplied. Rates, percentages and quantities stay: they tell nobody's prices."""
_CHECKED_LENGTHS = frozenset({8, 12, 13, 14, 18})
_LONGEST_CODE = 3
_NUMBER = re.compile(r"-?[0-9]+(?:([.,])[0-9]+)?")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def anonymised(data: FileBytes, seed: bytes) -> Iterator[bytes]:
    """Yield the bytes of the file with its values replaced; the same seed replaces alike.

    Raises UnreadableInput for a file that cannot be read to its end, LimitExceeded for more
    interchanges than one may have.
    """
    for one in split(data):
        opening = read_opening(data[one.offset : one.offset + NEEDED], one.offset)
        if isinstance(opening, Fault):
            raise UnreadableInput(f"nothing can be replaced in what cannot be read: {opening.message}")
        yield from _interchange(data, one, opening, seed)


def _interchange(data: FileBytes, one: InterchangeSlice, opening: Opening, seed: bytes) -> Iterator[bytes]:
    replacing = _Replacing(seed, opening)
    terminator = opening.chars.terminator.encode("ascii")
    directory = ""
    yield data[one.offset : one.offset + opening.start]
    for item in Tokenizer(chunks_of(data, one), offset=one.offset).read():
        if isinstance(item, Fault):
            if item.fatal:
                raise UnreadableInput(f"what follows byte {item.offset} cannot be read: {item.message}")
            continue
        if item.tag == "UNO":
            raise UnreadableInput("a binary object stands in it, which cannot be read")
        directory = stated_directory(item) if item.tag == "UNH" else directory
        end = segment_end(data, item.offset, opening)
        raw = data[item.offset : end]
        text = replacing.segment(item, directory)
        closing = terminator if raw.endswith(terminator) else b""
        yield raw if text == item.text else text.encode(opening.charset.codec, "replace") + closing
        yield _blanks(data, end, BLANK if item.tag == "UNZ" else BETWEEN)


def _blanks(data: FileBytes, start: int, blank: bytes) -> bytes:
    """Return the line break and what else is blank behind a segment."""
    end = start
    while end < len(data) and data[end] in blank:
        end += 1
    return data[start:end]


class _Replacing:
    """Replaces values, equal ones by equal ones."""

    def __init__(self, seed: bytes, opening: Opening) -> None:
        self._seed = seed
        self._chars = opening.chars
        self._version = opening.syntax_version
        self._factor = 3 + self._noise("factor", 1)[0] % 7

    def segment(self, segment: Segment, name: str) -> str:
        """Return a segment's text with its values replaced, by the directory of this name."""
        chars = self._chars
        parts = parts_of(segment.tag, name, self._version, segment.chars) or ()
        tag, *elements = segment.raw_elements
        written = [tag]
        for number, element in enumerate(elements):
            forms = parts[number].components if number < len(parts) else ()
            occurrences = chars.split(element, chars.repetition) if chars.repetition else [element]
            written.append((chars.repetition or "").join(self._element(one, forms, name) for one in occurrences))
        return chars.element.join(written)

    def _element(self, text: str, forms: Sequence[Format], name: str) -> str:
        chars = self._chars
        parts = zip_longest(chars.split(text, chars.component), forms)
        return chars.component.join(self._component(part, form, name) for part, form in parts if part is not None)

    def _component(self, part: str, form: Format | None, name: str) -> str:
        value = self._chars.unescape(part)
        if form is not None and form.element in AMOUNTS and _NUMBER.fullmatch(value):
            return self._chars.escape(self._amount(value))
        return part if self._is_harmless(value, form, name) else self._chars.escape(self._alike(value))

    def _is_harmless(self, value: str, form: Format | None, name: str) -> bool:
        """Tell whether a value may stay: a code, a number that is no amount, or one of the elements that do."""
        if form is None:
            return len(value) <= _LONGEST_CODE
        if form.element in AMOUNTS:
            return False
        if form.element in KEPT:
            return len(value) <= form.longest
        codes = (one.codes(form.element) for one in (held_directory(name), service_directory(self._version)) if one)
        if (known := next((one for one in codes if one), None)) is not None:
            return len(value) <= _LONGEST_CODE or value in known
        if form.longest <= _LONGEST_CODE:
            return len(value) <= _LONGEST_CODE
        measured = form.kind == "n" or form.element in MEASURES
        return measured and not any(char.isalpha() for char in value)

    def _amount(self, value: str) -> str:
        multiplied = format(Decimal(value.replace(",", ".")) * self._factor, "f")
        return multiplied.replace(".", ",") if "," in value else multiplied

    def _alike(self, value: str) -> str:
        noise = self._noise(value, len(value))
        made = "".join(_of_kind(char, byte) for char, byte in zip(value, noise, strict=True))
        if len(value) in _CHECKED_LENGTHS and has_check_digit(value):
            made = made[:-1] + check_digit(made[:-1])
        return made

    def _noise(self, of: str, length: int) -> bytes:
        key = hmac.digest(self._seed, of.encode("utf-8", "surrogatepass"), "sha256")
        return hashlib.shake_256(key).digest(length)


def _of_kind(char: str, byte: int) -> str:
    """Return a letter for a letter, a digit for a digit, and anything else as it is."""
    if char.isdecimal():
        return str(byte % 10)
    if not char.isalpha():
        return char
    letter = _LETTERS[byte % len(_LETTERS)]
    return letter if char.isupper() else letter.lower()
