"""The messages that are forms, and the one way to read and to write any of them.

Source: UN/EDIFACT D.96A and D.01B ORDRSP, REQOTE, QUOTES, INVOIC, DESADV, RECADV, PRICAT, INVRPT,
SLSRPT, SLSFCT, DELFOR, REMADV, COMDIS, PARTIN; EANCOM 1997 and 2002.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from hub.canonical.agreement import Agreement
from hub.canonical.finding import Location
from hub.canonical.received import (
    DespatchAdviceReceived,
    DisputeReceived,
    DocumentReceived,
    ForecastReceived,
    InvoiceReceived,
    OrderResponseReceived,
    PartyReceived,
    PriceListReceived,
    QuotationReceived,
    QuotationRequestReceived,
    ReceiptAdviceReceived,
    RemittanceReceived,
    SalesReportReceived,
    StockReportReceived,
)
from hub.canonical.trade import (
    DespatchAdvice,
    Dispute,
    Forecast,
    OrderResponse,
    PackingNode,
    PartyInformation,
    Place,
    PriceGroup,
    PriceList,
    Quotation,
    ReceiptAdvice,
    RemittanceAdvice,
    RequestForQuotation,
    SalesReport,
    SettledDocument,
    SettledLine,
    StatedInvoice,
    StockReport,
    Summed,
    TradeDocument,
    TradeLine,
)
from hub.errors import Unusable
from hub.translators.edifact import blocks
from hub.translators.edifact.directory import directory
from hub.translators.edifact.forms.form import Each, Form, Part, Pen, Section
from hub.translators.edifact.forms.pieces import (
    ADJUSTMENTS,
    AMOUNT,
    AMOUNTS,
    COUNTS,
    DATES,
    HEAD,
    LINE,
    LINES,
    MEASURES,
    PACKAGING,
    PARTIES,
    PRICES,
    SCHEDULES,
    TAX,
    TAXES,
)
from hub.translators.edifact.forms.rules import Allowances, Notes, PartyInRole, References
from hub.translators.edifact.kept import Kept
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.structure import Group
from hub.translators.edifact.writer import document, edi, interchange

_TOTALS = Each("totals", AMOUNT)


def _summed(model: type[Summed]) -> Form[Any]:
    """Return the form of a document whose lines end with UNS+S and sums."""
    foot = Section("S", COUNTS, _TOTALS, Each("total_taxes", TAX), Allowances("total_allowances"))
    return Form(model, *HEAD, LINES, foot)


_NODES = Each("nodes", Form(PackingNode, "CPS+{node}+{parent}+{level}", MEASURES, PACKAGING, LINES))
_LOCATED = ("LOC+{kind}+{identifier}::{agency}:{name}", DATES, References(), Notes(), SCHEDULES)
_LINES_BY_PLACE = Each(
    "lines",
    Form(
        TradeLine,
        *LINE,
        Each("places", Form(Place, PartyInRole(), *_LOCATED, tags=("NAD",))),
        tags=("LIN",),
    ),
)
_PLACES = Each(
    "places",
    Form(Place, PartyInRole(), *_LOCATED, _LINES_BY_PLACE, tags=("NAD",)),
    Form(Place, *_LOCATED, LINES),
    Form(Place, "GIS+{process}", PARTIES, _LINES_BY_PLACE),
)
_SETTLED = Each(
    "documents",
    Form(
        SettledDocument,
        "DOC+{kind}+{number}",
        DATES,
        AMOUNTS,
        References(),
        PARTIES,
        ADJUSTMENTS,
        Each("lines", Form(SettledLine, "DLI+{kind}+{line}", DATES, AMOUNTS, ADJUSTMENTS)),
    ),
)
_GROUPS = Each(
    "groups",
    Form(
        PriceGroup,
        "PGI+{type}+{code}:::{name}",
        DATES,
        PRICES,
        TAXES,
        Allowances(),
        Notes(),
        LINES,
    ),
)
_FORMS: Mapping[str, Form[Any]] = MappingProxyType(
    {
        "ORDRSP": _summed(OrderResponse),
        "REQOTE": _summed(RequestForQuotation),
        "QUOTES": _summed(Quotation),
        "INVOIC": _summed(StatedInvoice),
        "DESADV": Form(DespatchAdvice, *HEAD, MEASURES, _NODES, COUNTS),
        "RECADV": Form(ReceiptAdvice, *HEAD, _NODES, LINES, COUNTS),
        "PRICAT": Form(PriceList, *HEAD, _GROUPS),
        "INVRPT": Form(StockReport, *HEAD, LINES),
        "SLSRPT": Form(SalesReport, *HEAD, _PLACES, Section("S", _TOTALS)),
        "SLSFCT": Form(Forecast, *HEAD, _PLACES),
        "DELFOR": Form(Forecast, *HEAD, Section("D", _PLACES, _LINES_BY_PLACE), Section("S", COUNTS)),
        "REMADV": Form(RemittanceAdvice, *HEAD, _SETTLED, Section("S", _TOTALS)),
        "COMDIS": Form(Dispute, *HEAD, _SETTLED),
        "PARTIN": Form(PartyInformation, *HEAD, Section("D", PARTIES)),
    }
)
RECEIVED: Mapping[str, type[DocumentReceived]] = MappingProxyType(
    {
        "ORDRSP": OrderResponseReceived,
        "REQOTE": QuotationRequestReceived,
        "QUOTES": QuotationReceived,
        "INVOIC": InvoiceReceived,
        "DESADV": DespatchAdviceReceived,
        "RECADV": ReceiptAdviceReceived,
        "PRICAT": PriceListReceived,
        "INVRPT": StockReportReceived,
        "SLSRPT": SalesReportReceived,
        "SLSFCT": ForecastReceived,
        "DELFOR": ForecastReceived,
        "REMADV": RemittanceReceived,
        "COMDIS": DisputeReceived,
        "PARTIN": PartyReceived,
    }
)
"""What has come with a message of each of these types."""


def read(type_: str, tree: Group, reading: Reading) -> DocumentReceived | None:
    """Return the document of a message, None where it has no number: that is told."""
    form = _FORMS[type_]
    values = form.values(Part.of_message(tree), reading)
    if form.missing(values):
        bgm = tree.first("BGM")
        if bgm is not None:
            reading.report("13", "The document has no number", bgm, 2)
        return None
    return RECEIVED[type_](sender=reading.sender, document=form.model(**values))


def write(
    type_: str,
    stated: TradeDocument,
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with a document, from `edi.us` to `edi.them`. `reference` is UNB 0020.

    Raises NeedsDecision where a value cannot be written without changing what it says, Unusable where
    the directory has no such message.
    """
    envelope = document(type_, agreement, reference=reference, message_reference=message_reference, now=now, test=test)
    name = edi(agreement).directory
    table = directory(name).message(type_)
    if table is None:
        raise Unusable(f"{type_} of {name} is not held")
    reading = Reading(agreement, "", Location())
    pen = Pen(blocks.dialect(agreement), reading, table.content, Kept(stated.extensions))
    return interchange(envelope, _FORMS[type_].plains(stated, pen))
