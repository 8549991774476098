"""`hub edi directory`: directories of the UN that the hub does not ship, imported from an archive of one's own."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.printing import AsJson, show_json, show_rows
from hub.errors import LimitExceeded, Unusable

MOST_BYTES = 200_000_000
"""Of an archive, unpacked; those of the UN have about 10 MB."""
MOST_FILES = 5_000

app = typer.Typer()


@app.callback()
def directory() -> None:
    """Hold further directories, from archives of the UN."""


@app.command("import")
def import_(
    archive: Annotated[Path, typer.Argument(exists=True, help="An archive (zip) of a directory, or a folder of it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Read an archive of the UN (EDMD, EDSD, EDCD, EDED, UNCL) and hold its directory from now on, with its names.

    It is kept in the data folder; where processes of a hub have data folders of their own, each of them needs it.
    What was imported before under its name is replaced, for processes that start from then on.
    """
    import json

    from hub.app.directories import hold_imported
    from hub.settings import load
    from hub.translators.edifact.imported import file_name
    from hub.translators.edifact.untdid import Unreadable, read

    try:
        facts = read(dict(_files(archive)))
    except (Unreadable, zipfile.BadZipFile) as error:
        raise Unusable(f"{archive}: {error}") from error
    path = hold_imported(load()) / file_name(facts.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    half.write_text(json.dumps(facts.table, ensure_ascii=False, separators=(",", ":")), "utf-8")
    half.replace(path)
    told = {
        "directory": facts.name,
        "messages": len(facts.messages),
        "segments": len(facts.segments),
        "elements": len(facts.elements),
        "codes": sum(len(values.split()) for values in facts.codes.values()),
        "left_out": facts.left_out,
        "file": str(path),
    }
    if as_json:
        show_json(told)
        return
    counts = ", ".join(f"{told[name]} {name}" for name in ("messages", "segments", "elements", "codes"))
    typer.echo(f"{facts.name}: {counts} -> {path}")
    for type_, missing in facts.left_out.items():
        typer.echo(f"{type_} is left out: the archive has no {missing}")


@app.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the directories that are held, with their messages."""
    from hub.translators.edifact.directory import DIRECTORIES, held_names
    from hub.translators.edifact.directory import directory as held

    rows = [
        {
            "directory": name,
            "from": "the hub" if name in DIRECTORIES else "import",
            "messages": sorted(held(name).messages),
        }
        for name in held_names()
    ]
    show_rows(rows, ("directory", "from", "messages"), as_json=as_json)


def _files(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive or a folder, with those of the archives in it. Raises LimitExceeded."""
    size = 0
    for count, (name, data) in enumerate(_unpacked(archive), 1):
        size += len(data)
        if count > MOST_FILES or size > MOST_BYTES:
            raise LimitExceeded(f"{archive}: more than {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB unpacked")
        yield name, data


def _unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    if not archive.is_dir():
        yield from _members(archive.read_bytes(), nested=True)
        return
    for path in sorted(archive.rglob("*")):
        if path.is_file() and path.suffix.lower() == ".zip":
            yield from _members(path.read_bytes(), nested=True)
        elif path.is_file():
            yield path.name, path.read_bytes()


def _members(data: bytes, *, nested: bool) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        for member in opened.infolist():
            if member.is_dir():
                continue
            if member.file_size > MOST_BYTES:
                raise LimitExceeded(f"{member.filename} has more than {MOST_BYTES // 1_000_000} MB unpacked")
            body = opened.read(member)
            if nested and member.filename.lower().endswith(".zip"):
                yield from _members(body, nested=False)
            else:
                yield member.filename, body
