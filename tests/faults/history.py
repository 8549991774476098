"""What a client sent and heard, on disk before it goes on: what a checker holds against the hub afterwards."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Door = Literal["folder", "http"]
Expected = Literal["applied", "refused", "conflict", "unauthenticated"]
"""What a client knows of its own input: a repetition of it is no other input, so that is not named here."""
Heard = Literal["ok", "fail", "unknown"]


@dataclass(frozen=True)
class Sending:
    """One input as its client sends it. `key` is what makes it the same one again: with other content it is a conflict.

    `path` is that of the door, or the file's name; `channel` what the books count it under.
    """

    key: str
    channel: str
    door: Door
    path: str
    body: bytes
    expected: Expected = "applied"
    headers: Mapping[str, str] = field(default_factory=dict)
    credential: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


class History:
    """A file of lines: `invoke` before anything leaves, then `ok`, `fail` or `unknown`; each is synced to disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sendings: dict[tuple[str, str], Sending] = {}
        self._heard: dict[tuple[str, str], Heard] = {}
        for line in path.read_text("utf-8").splitlines() if path.exists() else []:
            self._learn(json.loads(line))
        self._file = path.open("a", encoding="utf-8")

    def invoke(self, sending: Sending) -> None:
        """Write down what is about to be sent."""
        told = asdict(sending) | {"body": base64.b64encode(sending.body).decode(), "headers": dict(sending.headers)}
        self._write({"event": "invoke", "sha256": sending.sha256, "bytes": len(sending.body), **told})

    def hear(self, sending: Sending, heard: Heard) -> None:
        """Write down what became of it as far as its client can tell."""
        self._write({"event": heard, "key": sending.key, "sha256": sending.sha256})

    def close(self) -> None:
        self._file.close()

    @property
    def sendings(self) -> list[Sending]:
        """Everything that was ever sent, each input once."""
        return list(self._sendings.values())

    @property
    def unsettled(self) -> list[Sending]:
        """What its client must send again: nobody has taken or refused it."""
        return [one for key, one in self._sendings.items() if self._heard.get(key) not in {"ok", "fail"}]

    def heard(self, sending: Sending) -> Heard | None:
        return self._heard.get((sending.key, sending.sha256))

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._learn(line)

    def _learn(self, line: dict[str, Any]) -> None:
        key = line["key"], line["sha256"]
        if line["event"] == "invoke":
            known = {name: line[name] for name in Sending.__dataclass_fields__}
            self._sendings.setdefault(key, Sending(**known | {"body": base64.b64decode(line["body"])}))
        elif self._heard.get(key) != "ok":
            self._heard[key] = line["event"]
