"""The EDIFACT files of the bench: orders of which every line has its own values, and messages of all types."""

from collections.abc import Iterator
from pathlib import Path

from hub.canonical.values import check_digit
from hub.translators.edifact.directory import DIRECTORIES, directory
from hub.translators.edifact.sampling import sample

LINES = 10
_UNB = "UNA:+.? 'UNB+UNOC:3+4012345000023:14+4012345000016:14+261201:1008+1'"
_AT_ONCE = 500


def write(path: Path, size: int) -> int:
    """Write a file of about `size` bytes, and return how many messages it has."""
    messages = written = 0
    with path.open("w", encoding="ascii", newline="") as file:
        written += file.write(_UNB)
        while written < size:
            texts = [_message(number) for number in range(messages + 1, messages + _AT_ONCE + 1)]
            written += file.write("".join(texts))
            messages += _AT_ONCE
        file.write(f"UNZ+{messages}+1'")
    return messages


def write_mixed(path: Path, size: int) -> int:
    """Write a file of about `size` bytes with messages of all types and both directories; return how many it has.

    Every other one has each segment that its table knows.
    """
    kinds = [(type_, name) for name in DIRECTORIES for type_ in directory(name).messages]
    messages = written = 0
    with path.open("w", encoding="ascii", newline="") as file:
        written += file.write(_UNB)
        while written < size:
            type_, name = kinds[messages % len(kinds)]
            messages += 1
            made = sample(type_, name, seed=str(messages), full=messages % 2 == 0).decode("ascii")
            inside = made[made.index("UNH+1+") + len("UNH+1+") : made.index("+1'UNZ")]
            written += file.write(f"UNH+{messages}+{inside}+{messages}'")
        file.write(f"UNZ+{messages}+1'")
    return messages


def _message(number: int) -> str:
    body = list(_segments(number))
    return "'".join([f"UNH+{number}+ORDERS:D:96A:UN:EAN008", *body, f"UNT+{len(body) + 2}+{number}'"])


def _segments(number: int) -> Iterator[str]:
    yield f"BGM+220+PO-{number:08d}+9"
    yield f"DTM+137:2026{1 + number % 12:02d}{1 + number % 28:02d}:102"
    yield f"DTM+2:2027{1 + number % 12:02d}{1 + number * 3 % 28:02d}:102"
    yield f"RFF+CT:{number * 7 % 100_000}"
    yield "NAD+BY+4012345000023::9"
    yield "NAD+SU+4012345000016::9"
    store = _checked(f"4012346{number % 100_000:05d}")
    yield f"NAD+DP+{store}::9++Store {number}+Street {number * 3}+Town {number % 977}"
    yield "CUX+2:EUR:9"
    for line in range(1, LINES + 1):
        yield from _line(line, number * LINES + line)
    yield "UNS+S"
    yield f"CNT+2:{LINES}"


def _line(line: int, own: int) -> Iterator[str]:
    yield f"LIN+{line}++{_checked(f'{400_000_000_000 + own}')}:EN"
    yield f"PIA+1+A{own * 13 % 9_999_999}:SA+B{own * 17 % 999_999}:IN"
    yield f"IMD+F++:::Article {own} of the range {own % 911}"
    yield f"QTY+21:{1 + own % 997}"
    yield f"MOA+203:{own * 37 % 100_000 / 100:.2f}"
    yield f"PRI+AAA:{own * 31 % 10_000 / 100:.2f}"
    yield f"RFF+LI:{own}"


def _checked(digits: str) -> str:
    return digits + check_digit(digits)
