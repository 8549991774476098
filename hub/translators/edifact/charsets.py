"""Character sets of an interchange: which codec, and which characters may stand in values.

UNB 0001 names the set. What is outside its repertoire is found by C code over a whole
block at once (`Charset.is_clean`); only a block that is not clean is looked at closer.

Source: ISO 9735, element 0001; ISO 8859 parts 1 to 9 and 15; ISO 10646 for UNOW.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import MappingProxyType

from hub.translators.edifact.syntax import ServiceCharacters

_LEVEL_A = " !\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LEVEL_B = _LEVEL_A + "abcdefghijklmnopqrstuvwxyz"
_CODECS = MappingProxyType(
    {
        "UNOA": "ascii",
        "UNOB": "ascii",
        "UNOC": "iso8859-1",
        "UNOD": "iso8859-2",
        "UNOE": "iso8859-5",
        "UNOF": "iso8859-7",
        "UNOG": "iso8859-3",
        "UNOH": "iso8859-4",
        "UNOI": "iso8859-6",
        "UNOJ": "iso8859-8",
        "UNOK": "iso8859-9",
        "UNOL": "iso8859-15",
        "UNOW": "utf-8",
    }
)
_SINGLE_BYTES = bytes(range(0x20, 0x7F)) + bytes(range(0xA0, 0x100))
_ANY_BYTES = bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
_C1_IN_UTF8 = re.compile(b"\xc2[\x80-\x9f]")

_TRANSLITERATED = MappingProxyType(
    {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ẞ": "SS", "Æ": "AE", "æ": "ae"}
    | {"Ø": "OE", "ø": "oe", "Å": "AA", "å": "aa", "Œ": "OE", "œ": "oe", "Þ": "TH", "þ": "th", "Ð": "D", "ð": "d"}
    | {"Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "€": "EUR", "£": "GBP", "\u2018": "'", "\u2019": "'", "“": '"', "”": '"'}
    | {"\u2013": "-", "—": "-", "…": "...", "\xa0": " ", "@": "(at)", "_": "-", "#": "No.", "[": "(", "]": ")"}
    | {"{": "(", "}": ")", "|": "/", "\\": "/", "~": "-", "^": " ", "`": "'", "$": "USD", "\xd7": "x", "°": " "}
)


@dataclass(frozen=True)
class Charset:
    """A character set: its name in UNB, its Python codec, the bytes that values may consist of.

    `likens` tells that letters which it does not have may be written as those that are like them.
    """

    identifier: str
    codec: str
    repertoire: bytes
    likens: bool = True

    def with_marks(self, chars: ServiceCharacters) -> "Charset":
        """Return the set for an interchange with these service characters, which are legal between its values."""
        return replace(self, repertoire=self.repertoire + chars.special.encode("ascii"))

    def legible(self, data: bytes) -> str:
        """Return bytes as text for people, whatever they are: 8-bit bytes of UNOA and UNOB as Latin-1."""
        return data.decode("iso8859-1" if self.codec == "ascii" else self.codec, "replace")

    def is_clean(self, text: bytes) -> bool:
        """Tell whether `text` has no byte outside the repertoire but CR and LF, which may stand between segments."""
        if text.translate(None, self._with_line_ends):
            return False
        return self.codec != "utf-8" or text.isascii() or not _C1_IN_UTF8.search(text)

    def stranger(self, text: str) -> str | None:
        """Return the first character of a segment that is outside the repertoire; CR and LF are."""
        found = self._outside.search(text)
        if found is None and self._is_open:
            try:
                text.encode(self.codec)
            except UnicodeEncodeError as error:
                return text[error.start]
        return found.group() if found else None

    def transliterate(self, text: str) -> str:
        """Return `text` in this repertoire, if it may be: letters without their marks, `ä` as `ae`, capitals in UNOA.

        A character for which there is no way stays as it is, for `stranger` to find.
        """
        if not self.likens or self.stranger(text) is None:
            return text
        if self.identifier == "UNOA":
            text = text.upper()
        return "".join(char if self.stranger(char) is None else self._nearest(char) for char in text)

    def _nearest(self, char: str) -> str:
        plain = _TRANSLITERATED.get(char) or _without_marks(char)
        if self.identifier == "UNOA":
            plain = plain.upper()
        return plain if self.stranger(plain) is None else char

    @cached_property
    def _with_line_ends(self) -> bytes:
        return self.repertoire + b"\r\n"

    @cached_property
    def _is_open(self) -> bool:
        """Whether the set has whatever its codec can encode, but for control characters."""
        return self.repertoire.startswith(_ANY_BYTES)

    @cached_property
    def _outside(self) -> re.Pattern[str]:
        if self._is_open:
            marks = self.repertoire.translate(None, _ANY_BYTES).decode("ascii")
            return re.compile("[" + "".join(re.escape(char) for char in _controls() if char not in marks) + "]")
        inside = self.repertoire.decode(self.codec, "ignore")
        return re.compile(f"[^{re.escape(inside)}]")


def _controls() -> str:
    return "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))


def _without_marks(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))


@cache
def agreed(identifier: str, codec: str) -> Charset:
    """Return the set of a partner whose bytes are those of a codec, whatever UNB 0001 says of them."""
    return Charset(identifier, codec, _ANY_BYTES)


@cache
def charset(identifier: str) -> Charset | None:
    """Return the set that UNB 0001 names, None where it is not supported (UNOX and UNOY need an agreed codec)."""
    codec = _CODECS.get(identifier)
    if codec is None:
        return None
    if codec == "ascii":
        return Charset(identifier, codec, (_LEVEL_A if identifier == "UNOA" else _LEVEL_B).encode("ascii"))
    if codec == "utf-8":
        return Charset(identifier, codec, _ANY_BYTES)
    defined = bytes(byte for byte in _SINGLE_BYTES if bytes([byte]).decode(codec, "ignore"))
    return Charset(identifier, codec, defined)
