"""Who is owed what: which of our documents and events go to a partner, by its agreement alone."""

from collections.abc import Mapping
from types import MappingProxyType

from hub.canonical.agreement import Agreement, DocumentKind, EdiAgreement
from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.intake import InterchangeChecked, MessageVerdict
from hub.canonical.invoice import InvoiceIssued
from hub.canonical.order import OrderAccepted, OrderCancelled, OrderChanged, OrderPartlyAccepted, OrderRejected

DOCUMENTS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        OrderAccepted.TYPE: "ORDRSP",
        OrderPartlyAccepted.TYPE: "ORDRSP",
        OrderRejected.TYPE: "ORDRSP",
        OrderChanged.TYPE: "ORDRSP",
        OrderCancelled.TYPE: "ORDRSP",
        ShipmentDespatched.TYPE: "DESADV",
        InvoiceIssued.TYPE: "INVOIC",
    }
)
"""The EDIFACT message that tells each event."""

_NOT_BY_EDI = frozenset({"webshop", "pos"})


def document_owed(agreement: Agreement, type_: str, channel: str) -> DocumentKind | None:
    """Return the EDIFACT document by which this event is told, None if none is owed.

    What came from a web shop or a till is told by webhook and feed, never by EDI.
    """
    kind = DOCUMENTS.get(type_)
    if agreement.edi is None or kind not in agreement.edi.owed or channel in _NOT_BY_EDI:
        return None
    return kind


def event_owed(agreement: Agreement, type_: str) -> bool:
    """Tell whether the partner's webhook gets events of this type."""
    return agreement.webhook is not None and (not agreement.webhook.events or type_ in agreement.webhook.events)


def contrl_owed(edi: EdiAgreement, checked: InterchangeChecked) -> bool:
    """Tell whether the sender gets a CONTRL. An acknowledgement is never acknowledged."""
    if checked.only_acknowledgements or edi.contrl == "never":
        return False
    if edi.contrl == "always":
        return True
    return checked.requested if edi.contrl == "on_request" else _rejects(edi, checked)


def aperaks_owed(edi: EdiAgreement, checked: InterchangeChecked) -> list[MessageVerdict]:
    """Return the messages that an APERAK each refuses: right as EDIFACT, and of no use."""
    if "APERAK" not in edi.owed or not checked.accepted:
        return []
    return [one for one in checked.messages if one.is_unusable]


def _rejects(edi: EdiAgreement, checked: InterchangeChecked) -> bool:
    verdicts = [one.accepted for one in checked.groups] + [one.accepted for one in checked.messages]
    return not checked.accepted or verdicts.count(False) > len(aperaks_owed(edi, checked))
