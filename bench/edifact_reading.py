"""One reading of an EDIFACT file: checked against its directory, read into orders, or only parsed by pydifact.

What was read is counted and told, so that nobody is fast by leaving something out.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydifact.parser import Parser
from pydifact.segments import Segment, SegmentFactory

from bench.meter import most_resident_bytes
from hub.translators.edifact.interchange import MessageRead, read

_CHUNK = 1 << 20


class _Unjudging(SegmentFactory):
    """Makes pydifact's segments without its own look at them: the bare parse."""

    @staticmethod
    def create_segment(name: str, *elements: str | list[str], **_: object) -> Segment:
        return SegmentFactory.create_segment(name, *elements, validate=False)


async def run(settings: dict[str, Any]) -> dict[str, Any]:
    """Read the file `path` in the way `way`; return its cost in seconds and bytes, and what was counted."""
    return _timed(Path(settings["path"]), settings["way"])


def _timed(path: Path, way: str) -> dict[str, Any]:
    before = most_resident_bytes()
    began = time.process_time()
    counted = _pydifact(path) if way == "pydifact" else _ours(path, translated=way == "orders")
    seconds = time.process_time() - began
    return {"seconds": seconds, "size": path.stat().st_size, "memory": most_resident_bytes() - before, **counted}


def _pydifact(path: Path) -> dict[str, int]:
    segments = messages = 0
    for segment in Parser(factory=_Unjudging()).parse(path.read_text("iso8859-1")):
        segments += 1
        messages += segment.tag == "UNH"
    return {"messages": messages, "segments": segments}


def _ours(path: Path, *, translated: bool) -> dict[str, int]:
    messages = findings = orders = lines = 0
    for item in read(_chunks(path), None, translated=translated):
        if isinstance(item, MessageRead):
            messages += 1
            findings += len(item.verdict.findings)
            orders += item.order is not None
            lines += len(item.order.order.lines) if item.order is not None else 0
        else:
            findings += len(item.findings)
    return {"messages": messages, "findings": findings, "orders": orders, "lines": lines}


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
