"""A partner's own codes in the standard's words: read as ours, written as theirs, by the agreement's tables.

Source: the partner's agreement, `edi.codes`; which elements a segment has: its directory.
"""

from collections.abc import Mapping
from dataclasses import replace

from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.validate import parts_of

Tables = Mapping[str, Mapping[str, str]]
"""By data element the partner's codes, each with ours."""
_SERVICE = "UN"


def read_as_ours(run: Run, tables: Tables, directory: str, version: int) -> Run:
    """Return the segments with our codes in the place of the partner's; each stands where it stood."""
    texts = [_recoded(text, run.chars, tables, directory, version) for text in run.texts]
    return replace(run, texts=texts)


def _recoded(text: str, chars: ServiceCharacters, tables: Tables, directory: str, version: int) -> str:
    parts = None if text.startswith(_SERVICE) else parts_of(text[:3], directory, version, chars)
    if parts is None or not any(form.element in tables for part in parts for form in part.components):
        return text
    segment = Segment(text, 0, chars)
    elements = segment.raw_elements
    for number, part in enumerate(parts[: len(elements) - 1], 1):
        found = [tables.get(form.element) for form in part.components]
        if any(found):
            occurrences = [
                chars.component.join(
                    chars.escape(table.get(value, value) if table else value)
                    for value, table in zip(components, [*found, *[None] * len(components)], strict=False)
                )
                for components in segment.repetitions(number)
            ]
            elements[number] = (chars.repetition or "").join(occurrences)
    return chars.element.join(elements)


def written_as_theirs(tables: Tables) -> Tables:
    """Return by data element our codes, each with the partner's; of two for one of ours, the first."""
    return {
        element: {ours: theirs for theirs, ours in reversed(list(table.items()))} for element, table in tables.items()
    }
