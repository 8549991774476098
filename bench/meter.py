"""What a run costs: wall time, and CPU time of this process and of each server's process tree.

Source: proc(5), `/proc/<pid>/stat` and `/proc/stat`.
"""

import os
import resource
import time
from collections.abc import Mapping
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
Reading = dict[str, float]


class Meter:
    """Reads the clocks of this process and of `servers` (name to the process id of its root)."""

    def __init__(self, servers: Mapping[str, int]) -> None:
        self._servers = servers
        self._began = self._read()

    def start(self) -> None:
        """Begin to count."""
        self._began = self._read()

    def stop(self) -> Reading:
        """Return the seconds since the start: `wall`, `client`, each server, and `busy` of the whole machine."""
        ended = self._read()
        return {name: ended[name] - self._began[name] for name in ended}

    def _read(self) -> Reading:
        children = _children() if self._servers else {}
        trees = {name: _tree_seconds(pid, children) for name, pid in self._servers.items()}
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "wall": time.perf_counter(),
            "client": used.ru_utime + used.ru_stime,
            "busy": _machine_seconds(),
            **trees,
        }


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def most_resident_bytes() -> int:
    """Return the most memory that this process has held so far."""
    status = Path("/proc/self/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def tree_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and all below it."""
    return _tree_seconds(pid, _children())


def _tree_seconds(pid: int, children: Mapping[int, list[int]]) -> float:
    stat = _stat(pid)
    if stat is None:
        return 0.0
    own = sum(int(field) for field in stat[11:15]) * TICK  # its own and that of children it has reaped
    return own + sum(_tree_seconds(child, children) for child in children.get(pid, ()))


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            stat = _stat(int(folder.name))
            if stat is not None:
                found.setdefault(int(stat[1]), []).append(int(folder.name))
    return found


def _stat(pid: int) -> list[str] | None:
    """Return the fields behind the command's name; None if the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _machine_seconds() -> float:
    user, nice, system, _idle, _wait, irq, softirq = Path("/proc/stat").read_text().split()[1:8]
    return sum(int(field) for field in (user, nice, system, irq, softirq)) * TICK
