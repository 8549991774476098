"""What documents of trade state, other than orders: heads, lines and what qualifies them.

One shape serves them all: named fields for what every reader asks for, and lists in which
each entry says by its `kind` (the code of the EDIFACT element that is named) what it is. A
quantity of a stock report and one of a despatch advice differ in their `kind` alone.
`extensions` hold what no field says: under `TAG+qualifier` segments that no field has any
part of, under `=TAG+qualifier` those of which fields say a part, in full.

Names after UBL 2.1 and EN 16931; codes after UN/EDIFACT.
"""

from datetime import date, time

from pydantic import ConfigDict, Field

from hub.canonical.catalogue import AllowanceCharge, ItemIdentification
from hub.canonical.document import Note, Period, Reference
from hub.canonical.party import Party
from hub.canonical.values import Amount, Currency, Identifier, Quantity, Rate, UnitCode, Value


class Stated(Value):
    """Something that a document states. Validators are built when the first document comes: a process starts sooner."""

    model_config = ConfigDict(defer_build=True)
    extensions: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class StatedParty(Stated):
    """A party in a role; `role` is EDIFACT 3035."""

    role: str
    party: Party


class StatedDate(Stated):
    """A day or days from … to, or how long something lasts (`duration`, in Rec 20 units); `kind` is EDIFACT 2005.

    `time_of_day` is told by the sender's clock.
    """

    kind: str
    period: Period | None = None
    time_of_day: time | None = None
    duration: Quantity | None = None


class StatedAmount(Stated):
    """An amount of money; `kind` is EDIFACT 5025, `currency` None the document's."""

    kind: str
    amount: Amount
    currency: Currency | None = None


class StatedCount(Stated):
    """A control total; `kind` is EDIFACT 6069."""

    kind: str
    value: Amount


class Percentage(Stated):
    """A percentage; `kind` is EDIFACT 5245."""

    kind: str
    value: Amount


class Range(Stated):
    """From how much to how much something holds; `kind` is EDIFACT 6167, `unit` Recommendation 20."""

    kind: str
    unit: UnitCode | None = None
    minimum: Amount | None = None
    maximum: Amount | None = None


class Measure(Stated):
    """A measurement; `purpose` is EDIFACT 6311, `property` 6313, `unit` Recommendation 20."""

    purpose: str
    property: str | None = None
    unit: UnitCode | None = None
    value: Amount | None = None


class StatedPrice(Stated):
    """A price per `base_quantity` of `unit`; `kind` is EDIFACT 5125, `type` 5375, `specification` 5387.

    `ranges` and `dates` say for how much and for when it holds.
    """

    kind: str
    amount: Amount
    type: str | None = None
    specification: str | None = None
    base_quantity: Amount | None = None
    unit: UnitCode | None = None
    ranges: tuple[Range, ...] = ()
    dates: tuple[StatedDate, ...] = ()


class StatedTax(Stated):
    """A tax; `kind` is EDIFACT 5283, `type` 5153 (`VAT`), `category` 5305 (BT-118, BT-151)."""

    kind: str
    type: str | None = None
    rate: Rate | None = None
    category: str | None = None
    amounts: tuple[StatedAmount, ...] = ()


class StatedQuantity(Stated):
    """A quantity; `kind` is EDIFACT 6063. What stands beside it says when, where and how firmly.

    `commitment` is EDIFACT 4017 and `frequency` 2013 of a schedule, `direction` 4501, `cause` 7491 and
    `movement` 4499 of stock that moved.
    """

    kind: str
    quantity: Quantity
    commitment: str | None = None
    frequency: str | None = None
    direction: str | None = None
    cause: str | None = None
    movement: str | None = None
    dates: tuple[StatedDate, ...] = ()
    references: tuple[Reference, ...] = ()
    prices: tuple[StatedPrice, ...] = ()
    marks: tuple["Marks", ...] = ()
    locations: tuple["StatedLocation", ...] = ()


class Variance(Stated):
    """A difference to a quantity of this `kind` (6063); `discrepancy` is EDIFACT 4221, `reason` 4295."""

    difference: Amount
    kind: str | None = None
    discrepancy: str | None = None
    reason: str | None = None


class StatedLocation(Stated):
    """A place, with what is to come there or lies there; `kind` is EDIFACT 3227, `agency` 3055."""

    kind: str
    identifier: str | None = None
    agency: str | None = None
    name: str | None = None
    quantities: tuple[StatedQuantity, ...] = ()
    dates: tuple[StatedDate, ...] = ()


class Identities(Value):
    """One identity, or those from the first to the last."""

    first: Identifier
    last: Identifier | None = None


class Marks(Stated):
    """What identifies goods or packages; `kind` is EDIFACT 7405 (`BJ` SSCC, `BX` lot, `BN` serial number)."""

    kind: str
    identities: tuple[Identities, ...]


class Labelled(Stated):
    """How packages or goods are marked (`instruction`, EDIFACT 4233), with their marks, quantities and days."""

    instruction: str | None = None
    marks: tuple[Marks, ...] = ()
    quantities: tuple[StatedQuantity, ...] = ()
    dates: tuple[StatedDate, ...] = ()


class Packaging(Stated):
    """Packages of one type (EDIFACT 7065, UN/ECE Rec 21 or GS1): how many, how they are labelled, what they measure."""

    count: Amount | None = None
    type: str | None = None
    agency: str | None = None
    measures: tuple[Measure, ...] = ()
    labels: tuple[Labelled, ...] = ()


class PaymentTerm(Stated):
    """When what is to be paid: `type` is EDIFACT 4279, `from_event` 2475, `unit` 2151 (days, weeks, months)."""

    type: str
    from_event: str | None = None
    relation: str | None = None
    unit: str | None = None
    count: Amount | None = None
    percentages: tuple[Percentage, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    dates: tuple[StatedDate, ...] = ()


class DeliveryTerm(Stated):
    """Who bears which cost of delivery; `function` is EDIFACT 4055, `payer` 4215, `code` 4053 (Incoterms)."""

    function: str | None = None
    payer: str | None = None
    code: str | None = None
    locations: tuple[StatedLocation, ...] = ()


class Transport(Stated):
    """How goods travel; `stage` is EDIFACT 8051, `mode` 8067, `vehicle` 8213 and `vehicle_name` 8212."""

    stage: str
    journey: str | None = None
    mode: str | None = None
    carrier: str | None = None
    carrier_name: str | None = None
    vehicle: str | None = None
    vehicle_name: str | None = None
    locations: tuple[StatedLocation, ...] = ()
    dates: tuple[StatedDate, ...] = ()


class Adjustment(Stated):
    """Why less (or more) is paid or accepted; `reason` is EDIFACT 4465."""

    reason: str
    line: str | None = None
    amounts: tuple[StatedAmount, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()


class ItemNumber(Value):
    """A further number of an item, or of its kind; `function` is EDIFACT 4347, `kind` 7143, `agency` 3055."""

    function: str | None = None
    kind: str
    number: Identifier
    agency: str | None = None


class Description(Stated):
    """What an item is like; `format` is EDIFACT 7077, `kind` 7081 (`35` colour, `98` size), `code` 7009."""

    format: str | None = None
    kind: str | None = None
    code: str | None = None
    agency: str | None = None
    text: str | None = None


class Details(Stated):
    """What an order, or a line of it, states beside what services ask of it: further days, quantities, prices.

    `locations` are the places that a line is split over, each with its quantity and day.
    """

    dates: tuple[StatedDate, ...] = ()
    quantities: tuple[StatedQuantity, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    prices: tuple[StatedPrice, ...] = ()
    measures: tuple[Measure, ...] = ()
    locations: tuple[StatedLocation, ...] = ()
    descriptions: tuple[Description, ...] = ()
    delivery_terms: tuple[DeliveryTerm, ...] = ()


class TradeLine(Stated):
    """One line of a document of trade. `line_id` is its sender's, `action` EDIFACT 1229, `parent_line` of a sub-line.

    Which of the lists a document has is for its message to say.
    """

    line_id: Identifier | None = None
    action: str | None = None
    parent_line: Identifier | None = None
    item: ItemIdentification
    item_numbers: tuple[ItemNumber, ...] = ()
    descriptions: tuple[Description, ...] = ()
    quantities: tuple[StatedQuantity, ...] = ()
    variances: tuple[Variance, ...] = ()
    dates: tuple[StatedDate, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    measures: tuple[Measure, ...] = ()
    prices: tuple[StatedPrice, ...] = ()
    taxes: tuple[StatedTax, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    marks: tuple[Marks, ...] = ()
    labels: tuple[Labelled, ...] = ()
    packaging: tuple[Packaging, ...] = ()
    locations: tuple[StatedLocation, ...] = ()
    parties: tuple[StatedParty, ...] = ()
    places: tuple["Place", ...] = ()


class Place(Stated):
    """A party in a `role`, or a location as `StatedLocation` has it; what is said of it: lines, or how much goes there.

    `process` (EDIFACT 7365) is what D.01B says instead, with the `parties` that it is about.
    """

    process: str | None = None
    role: str | None = None
    party: Party | None = None
    kind: str | None = None
    identifier: str | None = None
    agency: str | None = None
    name: str | None = None
    dates: tuple[StatedDate, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    parties: tuple[StatedParty, ...] = ()
    lines: tuple[TradeLine, ...] = ()
    quantities: tuple[StatedQuantity, ...] = ()


class TradeDocument(Stated):
    """The head of a document of trade: what it is, who speaks to whom, on what terms.

    `kind` is EDIFACT 1001 (BT-3), `function` 1225, `response` 4343; `currency` None that of the agreement,
    `currency_use` EDIFACT 6343.
    """

    number: Identifier
    kind: str | None = None
    function: str | None = None
    response: str | None = None
    issued: date | None = None
    currency: Currency | None = None
    currency_use: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    delivery: Party | None = None
    invoicee: Party | None = None
    other_parties: tuple[StatedParty, ...] = ()
    dates: tuple[StatedDate, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    payment_terms: tuple[PaymentTerm, ...] = ()
    delivery_terms: tuple[DeliveryTerm, ...] = ()
    transports: tuple[Transport, ...] = ()
    taxes: tuple[StatedTax, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    counts: tuple[StatedCount, ...] = ()


class Summed(TradeDocument):
    """A document with lines, and with sums below them."""

    lines: tuple[TradeLine, ...] = ()
    totals: tuple[StatedAmount, ...] = ()
    total_taxes: tuple[StatedTax, ...] = ()
    total_allowances: tuple[AllowanceCharge, ...] = ()


class OrderResponse(Summed):
    """A seller's answer to an order: ORDRSP."""


class RequestForQuotation(Summed):
    """What a buyer wants to be offered: REQOTE."""


class Quotation(Summed):
    """What a seller offers: QUOTES."""


class StatedInvoice(Summed):
    """An invoice or credit note as its sender stated it: INVOIC. `kind` 380 invoice, 381 credit note."""


class PackingNode(Stated):
    """A node of a packing hierarchy: the shipment, a pallet, a carton. `level` is EDIFACT 7075."""

    node: str
    parent: str | None = None
    level: str | None = None
    measures: tuple[Measure, ...] = ()
    packaging: tuple[Packaging, ...] = ()
    lines: tuple[TradeLine, ...] = ()


class DespatchAdvice(TradeDocument):
    """What has left, how it is packed: DESADV."""

    measures: tuple[Measure, ...] = ()
    nodes: tuple[PackingNode, ...] = ()


class ReceiptAdvice(TradeDocument):
    """What has come, and how it differs from what was advised: RECADV."""

    nodes: tuple[PackingNode, ...] = ()
    lines: tuple[TradeLine, ...] = ()


class PriceGroup(Stated):
    """Items of a price list that have terms in common; `type` is EDIFACT 5379, `code` 5389."""

    type: str
    code: str | None = None
    name: str | None = None
    dates: tuple[StatedDate, ...] = ()
    prices: tuple[StatedPrice, ...] = ()
    taxes: tuple[StatedTax, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[TradeLine, ...] = ()


class PriceList(TradeDocument):
    """What costs how much, from when on: PRICAT, UBL Catalogue. `action` of a line: 1 added, 2 deleted, 3 changed."""

    groups: tuple[PriceGroup, ...] = ()


class StockReport(TradeDocument):
    """What lies where: INVRPT, UBL StockAvailabilityReport."""

    lines: tuple[TradeLine, ...] = ()


class SalesReport(TradeDocument):
    """What was sold where: SLSRPT. A new report on a day replaces the one before."""

    places: tuple[Place, ...] = ()
    totals: tuple[StatedAmount, ...] = ()


class Forecast(TradeDocument):
    """What will be wanted, where and when: SLSFCT and DELFOR. Lines stand below places, or places below lines."""

    places: tuple[Place, ...] = ()
    lines: tuple[TradeLine, ...] = ()


class SettledLine(Stated):
    """A line of a document that is paid or disputed; `kind` is EDIFACT 1073."""

    kind: str | None = None
    line: str | None = None
    dates: tuple[StatedDate, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


class SettledDocument(Stated):
    """A document that is paid or disputed: its `kind` (EDIFACT 1001) and number, what is paid, what not and why."""

    kind: str
    number: Identifier
    dates: tuple[StatedDate, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    references: tuple[Reference, ...] = ()
    parties: tuple[StatedParty, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[SettledLine, ...] = ()


class RemittanceAdvice(TradeDocument):
    """What is paid by one payment: REMADV. It announces money, it is none."""

    documents: tuple[SettledDocument, ...] = ()
    totals: tuple[StatedAmount, ...] = ()


class Dispute(TradeDocument):
    """What a buyer does not accept of invoices: COMDIS."""

    documents: tuple[SettledDocument, ...] = ()


class PartyInformation(TradeDocument):
    """Parties and what is to be known of them: PARTIN."""

    parties: tuple[StatedParty, ...] = ()


# Names that stand before their class are resolved here: a build that comes later would look them up where it is asked
# for, and what another module calls `Place` may be another thing.
StatedQuantity.model_rebuild()
TradeLine.model_rebuild()
