"""The data folder, and how commands on this machine find its hub: by `local.json`, which is for its owner alone."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from hub.errors import Unusable


def make_folder(path: Path) -> None:
    """Make the data folder if it is not there. Raises Unusable where nothing can be written in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise Unusable(f"nothing can be written in {path}: {error.strerror}; see HUB_DATA_DIR") from error


@dataclass(frozen=True, slots=True)
class Local:
    """The address of the hub on this machine, and a credential for it."""

    url: str
    token: str


@contextmanager
def announced(folder: Path, local: Local) -> Iterator[None]:
    """Keep `local.json` while the hub runs."""
    path = folder / "local.json"
    half = folder / ".local.json"
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": local.url, "token": local.token}, file)
    half.replace(path)
    try:
        yield
    finally:
        if find(folder) == local:
            path.unlink()


def find(folder: Path) -> Local | None:
    """Return what the hub that runs on this data folder has announced, None if there is none."""
    with suppress(FileNotFoundError, NotADirectoryError, ValueError, KeyError):
        found = json.loads((folder / "local.json").read_text("utf-8"))
        return Local(found["url"], found["token"])
    return None
