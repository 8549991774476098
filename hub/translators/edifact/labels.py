"""What segments, elements and codes are called, in short words of our own; a code without a label is shown bare.

The words stand in `schemas/edifact/labels.json`: `segments` tag -> label, `elements`
number -> label, `codes` element -> code -> label. They are for people alone: nothing is
decided by them.
"""

from hub.translators.edifact.directory import load


def segment_label(tag: str) -> str:
    """Return what a segment is about; "" for an unknown one."""
    label: str = load("labels")["segments"].get(tag, "")
    return label


def element_label(element: str) -> str:
    """Return what an element says; its number where there is no label."""
    label: str = load("labels")["elements"].get(element, element)
    return label


def code_label(element: str, code: str) -> str:
    """Return what a code means; "" where there is no label."""
    label: str = load("labels")["codes"].get(element, {}).get(code, "")
    return label


def labelled_codes(element: str) -> frozenset[str]:
    """Return the codes of an element that have a label."""
    return frozenset(load("labels")["codes"].get(element, {}))
