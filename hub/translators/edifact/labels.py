"""What segments, elements and codes are called: our own short words, else the names of an imported directory.

Ours stand in `schemas/edifact/labels.json`: `segments` tag -> label, `elements` number ->
label, `codes` element -> code -> label; imported directories have theirs in the same form.
What has neither is shown bare. They are for people alone: nothing is decided by them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from hub.translators.edifact.directory import load
from hub.translators.edifact.imported import imported_labels


def segment_label(tag: str) -> str:
    """Return what a segment is about; "" for an unknown one."""
    return next((labels["segments"][tag] for labels in _labels() if tag in labels["segments"]), "")


def element_label(element: str) -> str:
    """Return what an element says; its number where there is no label."""
    return next((labels["elements"][element] for labels in _labels() if element in labels["elements"]), element)


def code_label(element: str, code: str) -> str:
    """Return what a code means; "" where there is no label."""
    lists = (labels["codes"].get(element, {}) for labels in _labels())
    return next((codes[code] for codes in lists if code in codes), "")


def labelled_codes(element: str) -> frozenset[str]:
    """Return the codes of an element that have a label of ours."""
    return frozenset(load("labels")["codes"].get(element, {}))


def _labels() -> Iterator[Mapping[str, Any]]:
    yield load("labels")
    yield from imported_labels()
