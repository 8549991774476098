"""Files that somebody has damaged: each read must end in an outcome or in an error that is the partner's.

The same number makes the same damage of the same files, so what was found can be had again.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from corpus.kinds import NOT_A_MESSAGE, kind_of
from corpus.run import READERS
from hub.errors import PartnerError

_LONGEST = 200_000
"""Bytes of a file that is damaged; larger ones take longer and show no more."""
_OURS = "signatures"
"""Vectors that say what a signature must be: nobody sends them."""
_NOISE = (b"'", b"+", b":", b"?", b"UNH+1+ORDERS:D:96A:UN'", b"\x00", b"\xff", b'"', b"{", b"}", b"<", b"&", b"9" * 40)


class Damaged(NamedTuple):
    """A damage that no reader is prepared for."""

    number: int
    path: Path
    error: Exception


def damage(data: bytes, random: Random) -> bytes:
    """Return a file with one to four things wrong: bytes lost, doubled, moved, others put in."""
    for _ in range(random.randint(1, 4)):
        start = random.randrange(len(data) + 1)
        end = min(start + random.choice((1, 3, 30, 300)), len(data))
        piece = data[start:end]
        data = random.choice(_DAMAGES)(data, start, end, piece, random)
    return data


_DAMAGES: tuple[Callable[[bytes, int, int, bytes, Random], bytes], ...] = (
    lambda data, start, end, _piece, _random: data[:start] + data[end:],
    lambda data, start, _end, piece, _random: data[:start] + piece + data[start:],
    lambda data, start, _end, _piece, random: data[:start] + random.choice(_NOISE) + data[start:],
    lambda data, start, end, _piece, random: data[:start] + random.randbytes(end - start) + data[end:],
    lambda data, start, end, piece, random: _moved(data[:start] + data[end:], piece, random),
    lambda data, start, _end, _piece, _random: data[:start],
)


def _moved(rest: bytes, piece: bytes, random: Random) -> bytes:
    at = random.randrange(len(rest) + 1)
    return rest[:at] + piece + rest[at:]


def run(folder: Path, first: int, count: int) -> Iterator[Damaged | None]:
    """Damage files of a folder `count` times, from damage number `first` on; yield None for each that is borne."""
    files = list(_files(folder))
    for number in range(first, first + count):
        random = Random(number)  # noqa: S311 - damage, not secrets
        path, kind, data = random.choice(files)
        try:
            READERS[kind](damage(data, random))
        except PartnerError:
            yield None
        except Exception as error:  # noqa: BLE001 - any other error is what is looked for
            yield Damaged(number, path, error)
        else:
            yield None


def _files(folder: Path) -> Sequence[tuple[Path, str, bytes]]:
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and not NOT_A_MESSAGE.fullmatch(one.name)):
        data = path.read_bytes()
        kind = kind_of(folder.name / path.relative_to(folder), data) if len(data) <= _LONGEST else None
        if kind in READERS and kind != _OURS:
            found.append((path, kind, data))
    return found
