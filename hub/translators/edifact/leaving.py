"""What we wrote, before it leaves: held against the directory and the partner's guide, as the partner will."""

from hub.canonical.agreement import Agreement
from hub.canonical.finding import Finding
from hub.translators.edifact.interchange import InterchangeRead, read


def refusal(interchange: bytes, agreement: Agreement) -> Finding | None:
    """Return the first error that the partner would find in an interchange of ours, None if there is none."""
    for item in read(interchange, _from_their_side(agreement), translated=False):
        findings = item.findings if isinstance(item, InterchangeRead) else item.verdict.findings
        for finding in findings:
            if finding.level == "error":
                return finding
    return None


def _from_their_side(agreement: Agreement) -> Agreement:
    edi = agreement.edi
    if edi is None:
        return agreement
    theirs = {"us": edi.them, "them": edi.us, "receives": edi.owed, "test": "both"}
    return agreement.model_copy(update={"edi": edi.model_copy(update=theirs)})
