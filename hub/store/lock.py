"""One process at a time on a SQLite database: a lock on a file beside it, which dies with its holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.errors import Unusable
from hub.store.database import SQLITE


@contextmanager
def exclusive(database_url: str) -> Iterator[None]:
    """Hold the SQLite database at `sqlite:///<path>` for this process alone; any other database is shared.

    Raises `Unusable`, naming the process, while another one holds it.
    """
    if not database_url.startswith(SQLITE):
        yield
        return
    path = Path(database_url.removeprefix(SQLITE) + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise Unusable(
                f"process {holder} is using {path.with_suffix('')}; stop it, or give this one its own HUB_DATA_DIR"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def is_held(database_url: str) -> bool:
    """Tell whether some process holds the SQLite database now."""
    try:
        with exclusive(database_url):
            return False
    except Unusable:
        return True
