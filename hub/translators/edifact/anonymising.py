"""A file that may be shown to others: its structure as it was, and nobody's names, numbers and prices in it.

Strategy: values of the elements that tell who, what and how much are replaced in place,
everything else stays byte for byte. A value becomes one of the same shape: a letter for a
letter, a digit for a digit, with a right check digit where there was one. Equal values
become equal ones, so that references still meet. Amounts are multiplied by one factor, so
that what added up still does.

In segments that no directory of ours knows, everything longer than a code is replaced.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from decimal import Decimal

from hub.canonical.values import check_digit, has_check_digit
from hub.translators.edifact.checking import chunks_of
from hub.translators.edifact.explaining import Walk
from hub.translators.edifact.opening import NEEDED, Opening, read_opening
from hub.translators.edifact.slices import FileBytes, segment_end, split
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer

# fmt: off
WORDS = frozenset({
    # who sends and receives
    "0004", "0008", "0010", "0014", "0022", "0040", "0042", "0044", "0046", "0058",
    # names, addresses, accounts
    "3036", "3039", "3042", "3124", "3128", "3148", "3164", "3192", "3194", "3222", "3224", "3228", "3232", "3251",
    "3285", "3301", "3412", "3413", "3432", "3433", "3434", "3436", "3446", "9302",
    # documents and references
    "1000", "1004", "1154", "1170", "1171", "1230", "1366", "1508", "3496",
    # goods and free text
    "4276", "4400", "4404", "4440", "4510", "5388", "5389", "7008", "7036", "7102", "7110", "7130", "7140", "7160",
    "7402",
    # vehicles, equipment, seals
    "8028", "8212", "8213", "8260", "8332", "9308",
})
# fmt: on
"""Elements whose values are replaced by others of their shape."""
AMOUNTS = frozenset({"5004", "5118", "5286"})
"""Elements that are multiplied. Rates, percentages and quantities stay: they tell nobody's prices."""
_CHECKED_LENGTHS = frozenset({8, 12, 13, 14, 18})
_LONGEST_CODE = 3
_NUMBER = re.compile(r"-?[0-9]+(?:([.,])[0-9]+)?")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def anonymised(data: FileBytes, seed: bytes) -> Iterator[bytes]:
    """Yield the bytes of the file with its values replaced; the same seed replaces alike.

    Raises LimitExceeded for more interchanges than one file may have.
    """
    done = 0
    for one in split(data):
        opening = read_opening(data[one.offset : one.offset + NEEDED], one.offset)
        if not isinstance(opening, Opening):
            continue
        replacing = _Replacing(seed, opening)
        for segment, _, parts in Walk(Tokenizer(chunks_of(data, one), offset=one.offset)).read():
            end = segment_end(data, segment.offset, opening)
            codes = [[form.element for form in part.components] for part in parts] if parts is not None else None
            text = replacing.segment(segment, codes)
            if text != segment.text:
                terminator = opening.chars.terminator.encode("ascii")
                yield data[done : segment.offset]
                yield text.encode(opening.charset.codec, "replace")
                done = end - len(terminator) if data[segment.offset : end].endswith(terminator) else end
    yield data[done:]


class _Replacing:
    """Replaces values, equal ones by equal ones."""

    def __init__(self, seed: bytes, opening: Opening) -> None:
        self._seed = seed
        self._chars = opening.chars
        self._factor = 3 + self._noise("factor", 1)[0] % 7

    def segment(self, segment: Segment, codes: list[list[str]] | None) -> str:
        """Return a segment's text with its values replaced; `codes` are its elements, None for an unknown segment."""
        chars = self._chars
        tag, *elements = segment.raw_elements
        written = [tag]
        for number, element in enumerate(elements):
            known = None if codes is None else codes[number] if number < len(codes) else []
            occurrences = chars.split(element, chars.repetition) if chars.repetition else [element]
            replaced = (self._element(occurrence, known) for occurrence in occurrences)
            written.append((chars.repetition or "").join(replaced))
        return chars.element.join(written)

    def _element(self, text: str, codes: list[str] | None) -> str:
        chars = self._chars
        parts = chars.split(text, chars.component)
        return chars.component.join(self._component(part, codes, number) for number, part in enumerate(parts))

    def _component(self, part: str, codes: list[str] | None, number: int) -> str:
        value = self._chars.unescape(part)
        code = "" if codes is None or number >= len(codes) else codes[number]
        if code in AMOUNTS:
            return self._chars.escape(self._amount(value)) if _NUMBER.fullmatch(value) else part
        is_told = code in WORDS if code else len(value) > _LONGEST_CODE
        return self._chars.escape(self._alike(value)) if is_told and value else part

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
