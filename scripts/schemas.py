#!/usr/bin/env python3
"""Write the contracts under schemas/ from the code, or with --check tell whether they differ from it.

    scripts/schemas [--check]

`canonical/<type>.json` is the JSON Schema of a canonical message in its envelope,
`agreement.json` that of a partner's agreement, `pos-sales.json` that of what a till
pushes, `openapi.json` the API's and `asyncapi.json` the queues' description. A file
under canonical/ that belongs to no message is removed. `docs/messages.md` is the table
of all messages.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import message_table
from pydantic import TypeAdapter

from hub.app import contracts
from hub.canonical.agreement import Agreement
from hub.canonical.envelope import message_model
from hub.translators.pos import sales

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "schemas"


def generated() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each generated file's name under schemas/ with its content."""
    for payload in contracts.payloads():
        schema = TypeAdapter(message_model(payload)).json_schema(mode="serialization")
        yield f"canonical/{payload.TYPE}.json", schema
    yield "agreement.json", Agreement.model_json_schema()
    yield "pos-sales.json", sales.schema()
    yield "openapi.json", contracts.openapi()
    yield "asyncapi.json", contracts.asyncapi()


def rendered(content: dict[str, Any]) -> str:
    """Return the text of a file."""
    return json.dumps(content, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(*, check: bool) -> int:
    """Write or compare; return the exit code."""
    wanted = {FOLDER / name: rendered(content) for name, content in generated()}
    wanted[ROOT / "docs" / "messages.md"] = message_table.page()
    there = set((FOLDER / "canonical").glob("*.json")) | {path for path in wanted if path.exists()}
    differing = sorted(
        path for path in there | set(wanted) if not path.exists() or wanted.get(path) != path.read_text("utf-8")
    )
    if check:
        for path in differing:
            sys.stderr.write(f"{path.relative_to(ROOT)} differs from the code; run scripts/schemas\n")
        return 1 if differing else 0
    for path in differing:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
        else:
            path.unlink()
    sys.stdout.write(f"{len(wanted)} contracts, {len(differing)} of them new or changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
