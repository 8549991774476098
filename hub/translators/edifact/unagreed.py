"""The terms of a sender that nobody has an agreement with: exactly what its UNB says."""

from hub.canonical.agreement import Agreement, EdiAgreement, Edition, InterchangeAddress
from hub.canonical.party import Party
from hub.translators.edifact.slices import Header

UNKNOWN = "unknown"


def agreement_with(header: Header, edition: Edition | None = None) -> Agreement:
    """Return an agreement by which the sender and the recipient of an interchange are the right ones."""
    nobody = InterchangeAddress(identifier=UNKNOWN)
    edi = EdiAgreement(us=header.recipient_address or nobody, them=header.sender_address or nobody, edition=edition)
    return Agreement(partner=UNKNOWN, party=Party(name=UNKNOWN), edi=edi)
