"""How much of what is wrong is kept: enough for any answer, never so much that memory grows with the input.

A CONTRL has room for 999 segments of a message. Warnings end where that is reached; errors
have as much room again, so that warnings can never hide one.
"""

from collections.abc import Iterable

from hub.canonical.finding import Finding, Level

MAX_FINDINGS = 999


def has_room(count: int, level: Level) -> bool:
    """Tell whether a finding of this level is kept beside `count` others."""
    return count < (MAX_FINDINGS if level == "warning" else 2 * MAX_FINDINGS)


def any_error(findings: Iterable[Finding]) -> bool:
    """Tell whether one of the findings is an error."""
    return any(finding.level == "error" for finding in findings)


def told(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return the findings in the order of their places; of too many, the errors first of all."""
    if len(findings) > MAX_FINDINGS:
        findings = sorted(findings, key=lambda finding: finding.level)[:MAX_FINDINGS]
    return tuple(sorted(findings, key=_place))


def _place(finding: Finding) -> tuple[int, int, int]:
    location = finding.location
    return location.segment or 1_000_000_000, location.element or 0, location.component or 0
