"""What reading a file came to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from hub.canonical.finding import Finding

Verdict = Literal["read", "answered", "refused by name", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("read", "answered", "refused by name", "unknown")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of how many documents passed a check; none were asked where `of` is 0."""

    passed: int = 0
    of: int = 0

    @classmethod
    def count(cls, results: Iterable[bool]) -> "Tally":
        """Count results."""
        all_results = list(results)
        return cls(sum(all_results), len(all_results))

    def __str__(self) -> str:
        return f"{self.passed}/{self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: what it is, the verdict, and why.

    `messages` counts what stood in it, `errors` and `warnings` what was found, `documents`
    the canonical documents that it became. `tie_out` counts the documents whose stated
    totals equal the recomputed ones, `differences` says how the others do not, and
    `round_trip` counts those that are written and read again the same. `unmapped` is what
    has no field of its own although its qualifier is known. `failed` tells of a fault of ours.
    """

    format: str
    verdict: Verdict
    reason: str = ""
    messages: int = 0
    errors: int = 0
    warnings: int = 0
    documents: int = 0
    tie_out: Tally = Tally()
    round_trip: Tally = Tally()
    differences: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    failed: bool = False

    def with_findings(self, findings: Iterable[Finding]) -> "Outcome":
        """Return the outcome with these findings counted; the first error is the reason where there is none yet."""
        found = list(findings)
        errors = [finding for finding in found if finding.level == "error"]
        reason = self.reason or (described(errors[0]) if errors else "")
        return replace(self, errors=len(errors), warnings=len(found) - len(errors), reason=reason)


def described(finding: Finding) -> str:
    """Return a finding in a line: code, place, message."""
    at = finding.location
    place = "/".join(str(part) for part in (at.message, at.segment, at.tag, at.element, at.component) if part)
    return " ".join(part for part in (finding.code, place or at.path or "", finding.message) if part)
