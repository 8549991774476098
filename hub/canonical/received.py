"""What another party says by a document of trade; nothing has happened yet. `sender` + number is the business key."""

from typing import ClassVar

from pydantic import ConfigDict

from hub.canonical.envelope import Payload
from hub.canonical.trade import (
    DespatchAdvice,
    Dispute,
    Forecast,
    OrderResponse,
    PartyInformation,
    PriceList,
    Quotation,
    ReceiptAdvice,
    RemittanceAdvice,
    RequestForQuotation,
    SalesReport,
    StatedInvoice,
    StockReport,
    TradeDocument,
)
from hub.canonical.values import Identifier


class DocumentReceived(Payload):
    """A document of trade has come; `sender` is the partner's address in the interchange."""

    model_config = ConfigDict(defer_build=True)
    sender: Identifier
    document: TradeDocument

    @property
    def business_key(self) -> str:
        return f"{self.sender}/{self.document.number}"


class OrderResponseReceived(DocumentReceived):
    """A seller answers an order of ours."""

    TYPE: ClassVar[str] = "order_response.received.v1"
    document: OrderResponse


class QuotationRequestReceived(DocumentReceived):
    """A buyer asks for a quotation."""

    TYPE: ClassVar[str] = "quotation_request.received.v1"
    document: RequestForQuotation


class QuotationReceived(DocumentReceived):
    """A seller offers."""

    TYPE: ClassVar[str] = "quotation.received.v1"
    document: Quotation


class InvoiceReceived(DocumentReceived):
    """A seller invoices, or credits."""

    TYPE: ClassVar[str] = "invoice.received.v1"
    document: StatedInvoice


class DespatchAdviceReceived(DocumentReceived):
    """A seller has sent goods."""

    TYPE: ClassVar[str] = "despatch_advice.received.v1"
    document: DespatchAdvice


class ReceiptAdviceReceived(DocumentReceived):
    """A buyer has received goods, and says what differs."""

    TYPE: ClassVar[str] = "receipt_advice.received.v1"
    document: ReceiptAdvice


class PriceListReceived(DocumentReceived):
    """A seller tells its prices."""

    TYPE: ClassVar[str] = "price_list.received.v1"
    document: PriceList


class StockReportReceived(DocumentReceived):
    """A partner tells what lies where."""

    TYPE: ClassVar[str] = "stock_report.received.v1"
    document: StockReport


class SalesReportReceived(DocumentReceived):
    """A partner tells what it has sold."""

    TYPE: ClassVar[str] = "sales_report.received.v1"
    document: SalesReport


class ForecastReceived(DocumentReceived):
    """A buyer tells what it will want."""

    TYPE: ClassVar[str] = "forecast.received.v1"
    document: Forecast


class RemittanceReceived(DocumentReceived):
    """A buyer tells what it pays by one payment, and what not."""

    TYPE: ClassVar[str] = "remittance.received.v1"
    document: RemittanceAdvice


class DisputeReceived(DocumentReceived):
    """A buyer disputes invoices."""

    TYPE: ClassVar[str] = "dispute.received.v1"
    document: Dispute


class PartyReceived(DocumentReceived):
    """A partner tells of itself and its places."""

    TYPE: ClassVar[str] = "party.received.v1"
    document: PartyInformation
