"""The pieces of which documents are made: days, amounts, quantities, prices, packages, lines; and their common head.

Source: UN/EDIFACT D.96A and D.01B, the segments named; codes of the elements named in `hub.canonical.trade`.
"""

from hub.canonical.trade import (
    Adjustment,
    DeliveryTerm,
    Description,
    Labelled,
    Marks,
    Measure,
    Packaging,
    PaymentTerm,
    Percentage,
    Range,
    StatedAmount,
    StatedCount,
    StatedDate,
    StatedLocation,
    StatedPrice,
    StatedQuantity,
    StatedTax,
    TradeLine,
    Transport,
    Variance,
)
from hub.translators.edifact.forms.form import Each, Form, Rule
from hub.translators.edifact.forms.rules import (
    DESCRIPTION,
    PARTY,
    Allowances,
    Day,
    Item,
    Notes,
    Numbers,
    Parties,
    References,
    Schedules,
)

DATES = Each("dates", Form(StatedDate, Day(), tags=("DTM",)))
AMOUNT = Form(StatedAmount, "MOA+{kind}:{amount:number}:{currency:currency}")
AMOUNTS = Each("amounts", AMOUNT)
COUNTS = Each("counts", Form(StatedCount, "CNT+{kind}:{value:number}"))
PERCENTAGES = Each("percentages", Form(Percentage, "PCD+{kind}:{value:number}"))
RANGES = Each("ranges", Form(Range, "RNG+{kind}+{unit:unit}:{minimum:number}:{maximum:number}"))
MEASURES = Each("measures", Form(Measure, "MEA+{purpose}+{property}+{unit:unit}:{value:measured}"))
VARIANCES = Each("variances", Form(Variance, "QVR+{difference:number}:{kind}+{discrepancy}+{reason}"))
MARKS = Each("marks", Form(Marks, Numbers(), tags=("GIN",)))
TAX = Form(StatedTax, "TAX+{kind}+{type}+++:::{rate:rate}+{category}", AMOUNTS)
TAXES = Each("taxes", TAX)
PRICES = Each(
    "prices",
    Form(
        StatedPrice,
        "PRI+{kind}:{amount:number}:{type}:{specification}:{base_quantity:number}:{unit:unit}",
        RANGES,
        DATES,
    ),
)
_PLAIN_QUANTITY = "QTY+{kind}:{quantity:quantity}"
PLAIN_QUANTITIES = Each("quantities", Form(StatedQuantity, _PLAIN_QUANTITY))
LOCATIONS = Each(
    "locations",
    Form(
        StatedLocation,
        "LOC+{kind}+{identifier}::{agency}:{name}",
        PLAIN_QUANTITIES,
        DATES,
    ),
)
QUANTITY = Form(
    StatedQuantity,
    _PLAIN_QUANTITY,
    "SCC+{commitment}++{frequency}",
    "INV+{direction}+{cause}+{movement}",
    DATES,
    References(),
    PRICES,
    MARKS,
    LOCATIONS,
    tags=("QTY", "INV"),
)
QUANTITIES = Each("quantities", QUANTITY)
LABELS = Each("labels", Form(Labelled, "PCI+{instruction}", MARKS, QUANTITIES, DATES))
PACKAGING = Each("packaging", Form(Packaging, "PAC+{count:number}++{type}::{agency}", MEASURES, LABELS))
ADJUSTMENTS = Each("adjustments", Form(Adjustment, "AJT+{reason}+{line}", AMOUNTS, References(), Notes()))
SCHEDULES = Schedules(QUANTITY)
LINE: tuple[Rule, ...] = (
    Item(),
    SCHEDULES,
    VARIANCES,
    DATES,
    AMOUNTS,
    MEASURES,
    PRICES,
    TAXES,
    Allowances(),
    References(),
    Notes(),
    MARKS,
    LABELS,
    PACKAGING,
    LOCATIONS,
)
"""What any line may have; whom it is about is for its message to say."""
PARTIES = Each("parties", PARTY)
LINES = Each("lines", Form(TradeLine, *LINE, PARTIES, tags=("LIN",)))
PAYMENT_TERMS = Each(
    "payment_terms",
    Form(
        PaymentTerm,
        "PAT+{type}++{from_event}:{relation}:{unit}:{count:number}",
        PERCENTAGES,
        AMOUNTS,
        DATES,
    ),
)
DESCRIPTIONS = Each("descriptions", Form(Description, DESCRIPTION))
DELIVERY_TERMS = Each("delivery_terms", Form(DeliveryTerm, "TOD+{function}+{payer}+{code}", LOCATIONS))
TRANSPORTS = Each(
    "transports",
    Form(
        Transport,
        "TDT+{stage}+{journey}+{mode}++{carrier}:::{carrier_name}+++{vehicle}:::{vehicle_name}",
        LOCATIONS,
        DATES,
    ),
)
HEAD: tuple[Rule | str, ...] = (
    "BGM+{kind}+{number}+{function}+{response}",
    "DTM+137:{issued:day}",
    Parties(),
    DATES,
    References(),
    Notes(),
    "CUX+2:{currency:currency}:{currency_use}",
    PAYMENT_TERMS,
    DELIVERY_TERMS,
    TRANSPORTS,
    TAXES,
    Allowances(),
)
"""What any document may have before its lines."""
