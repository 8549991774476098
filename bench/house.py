"""Where the bench runs: its own servers, fresh databases for each run, and contestants as child processes."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.store.migrations import migrate
from tests import servers

ROOT = Path(__file__).parents[1]
BACK_ENDS = ("RabbitMQ + PostgreSQL", "embedded")
LONGEST_RUN_SECONDS = 3_600.0
SHOWN = 3_000


class House:
    """Both back ends, with tables already made to copy from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgres = servers.postgres()
        self._rabbitmq = servers.rabbitmq()
        self._tables = self._postgres.template("bench", migrate)
        self._file = folder / "tables.db"
        migrate(f"sqlite:///{self._file}")
        self._runs = 0

    @property
    def servers(self) -> dict[str, int]:
        """The process ids of the servers' roots."""
        return {"postgres": self._postgres.pid, "broker": self._rabbitmq.pid}

    def place(self, back_end: str) -> dict[str, Any]:
        """Return a fresh database and an empty broker, as settings of a run."""
        if back_end == "embedded":
            folder = self.folder()
            shutil.copy(self._file, folder / "hub.db")
            return {"database": f"sqlite:///{folder}/hub.db", "broker": "memory://", "servers": {}}
        return {
            "database": self._postgres.database(self._tables),
            "broker": self._rabbitmq.virtual_host(),
            "servers": self.servers,
        }

    def folder(self) -> Path:
        """Return an empty folder."""
        self._runs += 1
        folder = self._folder / f"run-{self._runs}"
        folder.mkdir()
        return folder

    def machine(self) -> dict[str, object]:
        """Return what the numbers depend on."""
        return interpreter() | {
            "postgresql": self._postgres.execute("show server_version").strip(),
            "fsync": self._postgres.execute("show fsync").strip(),
            "synchronous_commit": self._postgres.execute("show synchronous_commit").strip(),
        }


def interpreter() -> dict[str, object]:
    """Return what all numbers depend on."""
    return {
        "python": f"{platform.python_version()} at {Path(sys.executable).resolve()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }


@contextmanager
def house() -> Iterator[House]:
    """Start the servers, and remove every trace of the runs at the end."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        yield House(Path(folder))


def run(contestant: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Run one contestant in a process of its own and return what it tells."""
    command = [sys.executable, "-m", "bench.child", contestant, json.dumps(settings)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST_RUN_SECONDS
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{contestant} failed:\n{done.stdout[-SHOWN:]}{done.stderr[-SHOWN:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
