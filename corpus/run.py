"""Every file of a folder, one row each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import edifact, shops, signed, tills
from corpus.kinds import NOT_A_MESSAGE, kind_of
from corpus.outcome import Outcome
from hub.errors import PartnerError

READERS: dict[str, Callable[[bytes], Outcome]] = {
    "edifact": edifact.read,
    "shopify": shops.read_shopify,
    "woocommerce": shops.read_woocommerce,
    "signatures": signed.read,
    "sale": tills.read_sale,
    "poslog": tills.read_poslog,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A file by its path below the folder, and what came of it; None for a file that is no message by its name."""

    path: str
    outcome: Outcome | None


def rows(folder: Path) -> Iterator[Row]:
    """Yield a row for every file below `folder`, sorted by path; nothing is left out."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file() or each.is_symlink()):
        name = path.relative_to(folder)
        if NOT_A_MESSAGE.fullmatch(path.name):
            yield Row(name.as_posix(), None)
        else:
            yield Row(name.as_posix(), outcome_of(path, folder.name / name))


def outcome_of(path: Path, name: Path) -> Outcome:
    """Read one file. `name` is what its folders are called; a fault of ours becomes its verdict, never a traceback."""
    try:
        data = path.read_bytes()
        kind = kind_of(name, data)
        if kind is None:
            return Outcome(format="?", verdict="unknown", reason="neither content nor folder tells what it is")
        reader = READERS.get(kind)
        if reader is None:
            return Outcome(format=kind, verdict="refused by name", reason=f"{kind} is not handled here", messages=1)
        return _read(kind, reader, data)
    except Exception as error:  # noqa: BLE001 - every fault is a row of the table, and the run fails in the end
        return Outcome(format="?", verdict="unknown", reason=f"{type(error).__name__}: {error}", failed=True)


def _read(kind: str, reader: Callable[[bytes], Outcome], data: bytes) -> Outcome:
    try:
        return reader(data)
    except PartnerError as error:
        return Outcome(format=kind, verdict="answered", reason=str(error), messages=1, errors=1)
