"""Archives of directories as the UN sets them out, made of our own tables: names and notes are ours.

`old` is the manner until D.99A, else that since D.99B. Marks of changes, names that go on
in the next line, notes and lines drawn by DOS characters are among what real archives have.
"""

import io
import textwrap
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

RULE = "-" * 70
MARKS = ("   ", " * ", " + ", " # ", " | ", " X ")


def message(type_: str, name: str, content: list[Any], *, drawn: bool = False) -> bytes:
    """Return the file of a message; `drawn` uses the characters of DOS for the lines of groups."""
    version, release = name.split(".")
    rows = "\r\n".join(_rows(content, 0, [0]))
    text = f"""
                               UN/EDIFACT

               {type_} message

                                           Message Type : {type_}
                                           Version      : {version}
                                           Release      : {release}
                                           Contr. Agency: UN

CONTENTS
  4.3.1 Segment table
Pos    Tag Name                                      S   R

4.3    Message structure

4.3.1  Segment table

Pos    Tag Name                                      S   R

            HEADER SECTION

{rows}
"""
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1")
    if not drawn:
        return data
    head, mark, table = data.rpartition(b"S   R")
    return head + mark + table.replace(b"|", b"\xb3").replace(b"----+", b"----\xbf").replace(b"-", b"\xc4")


def _rows(content: list[Any], depth: int, after: list[int]) -> Iterator[str]:
    """Yield rows; `after` counts in how many groups each ends, which is drawn at its last row."""
    for place, (position, tag, status, most, *inner) in enumerate(content):
        mark = MARKS[int(position or 0) // 10 % 5] if depth != 1 else "   "
        last = place == len(content) - 1
        if inner:
            count = f"{most}".ljust(12 - depth, "-") + "+" + "|" * depth
            yield f"{position}{mark}    ----- Segment group {tag:<3}------------------ {status}   {count}"
            rows = list(_rows(inner[0], depth + 1, [after[0] + 1 if last else 1, *after]))
            yield from rows
            yield "" if place % 2 else " " * 70 + "|" * depth
            continue
        closed = _closed(after, last=last, depth=depth)
        lines = f"{most}".ljust(12 - depth, "-" if closed else " ") if depth else f"{most}"
        lines += "+" * closed + "|" * (depth - closed)
        yield f"{position}{mark}{tag} {'Name of ' + tag:<42}{status}   {lines.rstrip()}"


def _closed(after: list[int], *, last: bool, depth: int) -> int:
    return after[0] if last and depth else 0


def segments(table: dict[str, Any], *, old: bool) -> bytes:
    """Return EDSD."""
    blocks = []
    for number, (tag, parts) in enumerate(table["segments"].items()):
        lines = [f"{MARKS[number % 6]}    {tag}{'    ' if old else '  '}NAME OF {tag}", ""]
        lines += ["       Function: What it is for, in words", "                 that go on. 010 is no place.", ""]
        for place, (code, status, most) in enumerate(parts, 1):
            lines += [*_part(place, code, status, most, table, old=old), *_components(code, table), ""]
        blocks.append("\r\n".join(lines))
    return _file("Segments", blocks)


def composites(table: dict[str, Any], *, old: bool) -> bytes:
    """Return EDCD."""
    blocks = []
    for code, parts in table["composites"].items():
        lines = [f"       {code} NAME OF {code}", "", "       Desc: What it says.", ""]
        for place, (element, status) in enumerate(parts, 1):
            lines += _part(place, element, status, 1, table, old=old)
        blocks.append("\r\n".join(lines))
    return _file("Composites", blocks)


def elements(table: dict[str, Any], *, old: bool) -> bytes:
    """Return EDED."""
    indent = "   " if old else "     "
    blocks = [
        f"{indent}{code}  Element {code}\r\n\r\n{indent}Desc: What it says.\r\n\r\n{indent}Repr: {form}"
        for code, form in table["elements"].items()
    ]
    return _file("Elements", blocks)


def codes(lists: dict[str, str], table: dict[str, Any], *, old: bool) -> bytes:
    """Return UNCL."""
    blocks = []
    for element, values in lists.items():
        head = f"   {element}  Element {element:<50}[C]" if old else f"*    {element}  Element {element:<40}[C]"
        lines = [head, "", "     Desc: A code.", "", f"     Repr: {table['elements'][element]}", ""]
        for number, value in enumerate(values.split()):
            mark = MARKS[number % 6][1]
            lines.append(f"{mark}  {value:<6} Code {value}" if old else f"{mark}    {value:<5} Code {value}")
            lines += textwrap.indent("Its meaning, in a sentence\nof two lines.", " " * 14).split("\n")
            lines += ["", " " * 11 + "Note:", " " * 14 + "1 is not a code here.", ""] if number % 3 == 0 else [""]
        blocks.append("\r\n".join(lines))
    return _file("Codes", blocks)


def _part(place: int, code: str, status: str, most: int, table: dict[str, Any], *, old: bool) -> Iterator[str]:
    form = table["elements"].get(code, "")
    name = f"NAME OF {code}"
    ending = f"{status}  {form}" if old else f"{status}    {most} {form}"
    mark = MARKS[place % 6]
    if place % 4 == 3:
        yield f"{place * 10:03d}{mark} {code} {name}"
        yield f"            {'WHICH GOES ON':<43}{ending}".rstrip()
    else:
        yield f"{place * 10:03d}{mark} {code} {name:<47}{ending}".rstrip()


def _components(code: str, table: dict[str, Any]) -> Iterator[str]:
    for element, status in table["composites"].get(code, ()):
        yield f"       {element}  Element {element:<34}{status}      {table['elements'][element]}"


def _file(title: str, blocks: Iterable[str]) -> bytes:
    preface = f"{title}\r\n\r\nMarks: + added, * changed, # renamed.\r\n\r\n"
    return (preface + "".join(f"{RULE}\r\n\r\n{block}\r\n\r\n" for block in blocks)).encode("latin-1")


def files(table: dict[str, Any], lists: dict[str, str], name: str, *, old: bool) -> dict[str, bytes]:
    """Return all files of an archive, by their names in it."""
    _, release = name.split(".")
    made = {
        f"{type_}_D.{release}": message(type_, name, content, drawn=old and number % 2 == 0)
        for number, (type_, content) in enumerate(table["messages"].items())
    }
    return made | {
        f"EDSD.{release}": segments(table, old=old),
        f"EDCD.{release}": composites(table, old=old),
        f"EDED.{release}": elements(table, old=old),
        f"UNCL.{release}": codes(lists, table, old=old),
    }


def zipped(made: dict[str, bytes], *, nested: bool) -> bytes:
    """Return files as a zip, as the UN has it (a zip of zips) or flat."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in made.items():
            archive.writestr(f"edmd/{name}", data)
    if not nested:
        return inner.getvalue()
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("EDMD.ZIP", inner.getvalue())
    return outer.getvalue()
