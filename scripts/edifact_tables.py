#!/usr/bin/env python3
"""Make the tables under schemas/edifact from a folder of directory facts.

    scripts/edifact_tables.py SOURCE [TARGET]

SOURCE holds `D96A.json`, `D01B.json`, `service.json` and `codes.json` in the form
`crossdock-edifact-directory/1`: messages, segments, composites, elements and codes,
each with its name. TARGET (schemas/edifact beside this script if not given) receives
the facts alone, for the messages that the hub handles: tags, positions, status,
repetitions, formats, code values. Names and texts of the directories stay behind.

What is written has the form that `hub/translators/edifact/directory.py` documents,
one entry per line, so that a change of a table can be reviewed.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

MESSAGES = (
    *("ORDERS", "ORDCHG", "ORDRSP", "DESADV", "RECADV", "INVOIC", "REMADV", "PRICAT", "INVRPT", "SLSRPT"),
    *("SLSFCT", "DELFOR", "REQOTE", "QUOTES", "PARTIN", "COMDIS", "APERAK"),
)
DIRECTORIES = {"D96A": "D.96A", "D01B": "D.01B"}
FORM = "crossdock-edifact/1"
NOTES = {
    "exactly one of": "D1",
    "all or none of": "D2",
    "at most one of": "D4",
    "together": "D2",
    "only with": "D5",
}
"""How the facts word a dependency note, and its kind in ISO 9735."""

Table = dict[str, Any]


def node(source: Any) -> list[Any]:
    """Return a message node: `[position, tag, status, max]` or `[position, group, status, max, content]`."""
    if isinstance(source, dict):
        content = [node(each) for each in source["content"]]
        return [source.get("pos"), source["group"], source["status"], source["max"], content]
    return list(source)


def tags_of(nodes: list[Any]) -> set[str]:
    """Return every segment tag that occurs in a message."""
    tags = set()
    for _position, tag, _status, _max, *content in nodes:
        if content:
            tags |= tags_of(content[0])
        else:
            tags.add(tag)
    return tags


def table(source: Table, messages: dict[str, list[Any]], tags: set[str] | None) -> Table:
    """Return the facts of the named messages and of the segments, composites and elements that they use."""
    segments = {tag: each for tag, each in source["segments"].items() if tags is None or tag in tags}
    used = {part[1] for segment in segments.values() for part in segment["parts"]}
    composites = {code: each for code, each in source["composites"].items() if code in used}
    used |= {part[0] for composite in composites.values() for part in composite["parts"]}
    for tag, segment in segments.items():
        positions = [part[0] for part in segment["parts"]]
        if positions != [10 * (n + 1) for n in range(len(positions))]:
            sys.exit(f"{tag}: part n must stand at position 10 n, not {positions}")
    return {
        "messages": messages,
        "segments": {tag: [part[1:] for part in each["parts"]] for tag, each in sorted(segments.items())},
        "composites": {code: each["parts"] for code, each in sorted(composites.items())},
        "elements": {code: each["format"] for code, each in sorted(source["elements"].items()) if code in used},
    }


def directory(source: Table) -> Table:
    """Return one UN directory, cut to the messages that the hub handles."""
    messages = {name: [node(each) for each in source["messages"][name]["content"]] for name in MESSAGES}
    tags = set().union(*(tags_of(content) for content in messages.values()))
    return {"form": FORM, "directory": source["directory"]} | table(source, messages, tags)


def dependencies(note: str) -> list[list[str]]:
    """Return a note in words as entries of the tables: `0135 only with 0085` as `[["D5", "0135", "0085"]]`."""
    entries: list[list[str]] = []
    for part in note.replace("only together", "together").split(", and "):
        kind = next((kind for words, kind in NOTES.items() if words in part), None)
        codes = re.findall(r"\b[CS]?[0-9]{3,4}\b", part)
        if kind is None or not codes:
            sys.exit(f"a dependency note in unknown words: {note}")
        if part.startswith("only with"):
            entries += [[kind, code, *codes] for code in entries[-1][1:]]
        else:
            entries.append([kind, *codes])
    return entries


def service(source: Table) -> Table:
    """Return the service directory: the segments of the envelope and CONTRL, for syntax 3 and 4."""
    versions = {}
    for version in ("3", "4"):
        messages = {
            name: [node(each) for each in each["content"]] for name, each in source[version]["messages"].items()
        }
        rules = source[version]["rules"]
        noted = {of: [entry for note in notes for entry in dependencies(note)] for of, notes in rules.items()}
        versions[version] = table(source[version], messages, None) | ({"dependencies": noted} if noted else {})
    return {"form": FORM, "directory": "service"} | versions


def codes(source: Table, tables: dict[str, Table]) -> Table:
    """Return the values of each coded element that the written tables use, as words of one string."""

    def lists(name: str, elements: set[str]) -> dict[str, str]:
        added = source["EANCOM"] if not name.startswith("service") else {}
        return {
            element: " ".join(sorted({*values, *added.get(element, {})}))
            for element, values in sorted(source[name].items())
            if element in elements
        }

    written = {name: lists(name, set(tables[name]["elements"])) for name in DIRECTORIES.values()}
    for version in ("3", "4"):
        written[f"service {version}"] = lists(f"service {version}", set(tables["service"][version]["elements"]))
    return {"form": FORM} | written


def render(value: Any, depth: int = 2) -> str:
    """Return JSON with one line per entry down to `depth` levels of objects."""
    if not isinstance(value, dict) or depth == 0:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    lines = [f"{json.dumps(key)}:{render(each, depth - 1)}" for key, each in value.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def main(source: Path, target: Path) -> None:
    """Write the four tables."""
    facts = {path.stem: json.loads(path.read_text("utf-8")) for path in source.glob("*.json")}
    tables = {name: directory(facts[file]) for file, name in DIRECTORIES.items()}
    tables["service"] = service(facts["service"])
    files = {file: tables[name] for file, name in DIRECTORIES.items()}
    files |= {"service": tables["service"], "codes": codes(facts["codes"], tables)}
    target.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        depth = 3 if file == "service" else 2
        (target / f"{file}.json").write_text(render(content, depth) + "\n", "utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [source_folder]:
            main(Path(source_folder), Path(__file__).resolve().parent.parent / "schemas" / "edifact")
        case [source_folder, target_folder]:
            main(Path(source_folder), Path(target_folder))
        case _:
            sys.exit(__doc__)
