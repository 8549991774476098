"""The agreement with a partner: who it is, how it speaks, what it is owed.

Kept as `partners/<id>.toml`, reviewed like code and imported into the database.
The schema stands in `schemas/agreement.json`.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hub.canonical.guide import MessageGuide, SegmentPlace
from hub.canonical.party import Party
from hub.canonical.values import Amount, Currency, Gln, Identifier, Value

DirectoryName = Annotated[str, StringConstraints(pattern=r"^[A-Z]\.[0-9]{2}[A-Z]$")]
"""A directory of the UN: `D.96A`."""
Edition = Literal["EANCOM.1997", "EANCOM.2002"]
DocumentKind = Literal["CONTRL", "APERAK", "ORDRSP", "DESADV", "INVOIC"]
CollectedKind = Literal["ORDRSP", "DESADV", "INVOIC"]
ReasonCode = Literal[
    "item.unknown",
    "quantity.not_positive",
    "unit.unknown",
    "price.missing",
    "price.amended",
    "price.refused",
    "amount.amended",
    "amount.refused",
    "stock.backordered",
    "goods.none",
]
"""Why a line is not as it was ordered: what stands before the sentence in `AgreedLine.reasons`."""
Codec = Literal["utf-8", "cp1252", "cp850", "euc_jp", "euc_kr", "gb2312", "utf-16-be"]
"""What bytes may be beside the sets of ISO 9735.

In all of these but `utf-16-be`, which is UNOY, a byte below 128 is what ASCII says.
"""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""A language of ISO 639-1: `de`."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=350)]
ElementNumber = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
"""A data element of EDIFACT: `7143`."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=35)]
Secret = Annotated[str, StringConstraints(min_length=8, pattern=r"\S")]
"""What both sides sign with. An empty one would let everybody sign."""


class InterchangeAddress(Value):
    """An identification in UNB: S002 or S003."""

    identifier: Identifier
    qualifier: str | None = None

    def __str__(self) -> str:
        return f"{self.identifier}:{self.qualifier}" if self.qualifier else self.identifier


class Collecting(Value):
    """When documents of one kind that wait for each other leave in one interchange.

    That is once the first has waited for `minutes`, or as soon as there are as many as `documents`, which is the most
    that an interchange holds; all of them have `limit_bytes` at most.
    """

    minutes: int = Field(ge=1, le=10_080)
    documents: int = Field(default=100, ge=2, le=1000)
    limit_bytes: int = Field(default=1_000_000, ge=1000, le=50_000_000)


class EdiAgreement(Value):
    """How we exchange EDIFACT with the partner. The agreement picks the directory, UNH only confirms it.

    `contrl`: when we acknowledge (never, on_request: UNB 0031, always, errors_only).
    `answer_by`: where our messages go: the partner's `out` folder, a POST to `url`, or `GET /edi/outbound`.
    `http_limit_bytes`, `folder_limit_bytes`: how large a file of this partner may be where the door's own limit is
    lower; what comes over HTTP is held in memory, so that has a limit of its own.
    `owed`: which documents the partner gets. With APERAK among them it hears by one for each message that is right as
    EDIFACT and cannot be used (an order without a buyer), which CONTRL then accepts; without, CONTRL refuses it.
    `codes`: by data element the partner's own codes, each with the standard's: read as these, written as theirs.
    `leaves_out`: what we could write of a document and the partner does not want, each with the group that it opens
    (`LIN/IMD`, `NAD+DP`); only what the directory does not ask for.
    `codec`: what the partner's bytes really are, whatever UNB says of them; UNOX and UNOY are read and written only
    with one.
    `transliterates`: letters that the set lacks are written as their likeness (ä as ae); if not, such a document waits.
    `language`: the language of `texts`: by reason code what our answers say to the partner instead of our own English.
    `collects`: which documents leave together in one interchange, and when; the others leave at once, each alone.
    `ack_deadline_minutes`: how long we wait for the partner's CONTRL; `resends`: how often what is not answered goes
    out again by itself, the same bytes under the same reference, before a person is asked.
    `in_sequence`: the partner numbers its interchanges (UNB 0020) one by one, so that a gap is a task.
    `stated_directory`: what UNH names on both sides where that is no directory that is held: the messages are read and
    written as those of `directory`, the nearest that is. D.96A and D.01B are held, and what an operator has imported.
    `edition`: the subset of the directory that both sides build on. `guides`: by message type, what of it the partner
    uses; of several guides the one that began last holds.
    """

    us: InterchangeAddress
    them: InterchangeAddress
    directory: DirectoryName = "D.96A"
    stated_directory: str | None = Field(default=None, pattern=r"^[A-Z0-9]{1,3}\.[A-Z0-9]{1,3}$")
    edition: Edition | None = None
    guides: dict[str, tuple[MessageGuide, ...]] = {}
    association_codes: dict[str, str] = {}
    syntax_identifier: str = "UNOC"
    syntax_version: Literal[1, 2, 3, 4] = 3
    una: bool = True
    charset_strictness: Literal["strict", "lenient"] = "lenient"
    codec: Codec | None = None
    transliterates: bool = True
    receives: tuple[str, ...] = ("ORDERS",)
    owed: tuple[DocumentKind, ...] = ("ORDRSP", "DESADV", "INVOIC")
    codes: dict[ElementNumber, dict[Code, Code]] = {}
    leaves_out: dict[DocumentKind, tuple[SegmentPlace, ...]] = {}
    language: Language | None = None
    texts: dict[ReasonCode, Words] = {}
    collects: dict[CollectedKind, Collecting] = {}
    contrl: Literal["never", "on_request", "always", "errors_only"] = "on_request"
    contrl_positive_messages: Literal["list", "silence"] = "silence"
    all_or_nothing: bool = False
    duplicate_answer: Literal["repeat", "reject"] = "repeat"
    reference_includes_date: bool = False
    in_sequence: bool = False
    ack_deadline_minutes: int = Field(default=60, ge=1)
    resends: int = Field(default=0, ge=0, le=5)
    test: Literal["production", "test", "both"] = "both"
    answer_by: Literal["folder", "http", "pull"] = "folder"
    url: str | None = None
    read_back: int = Field(default=5, ge=0)
    http_limit_bytes: int = Field(default=0, ge=0, le=500_000_000)
    folder_limit_bytes: int = Field(default=0, ge=0)

    def collecting(self, kind: str) -> Collecting | None:
        """Return when documents of a kind leave together, None where each leaves alone."""
        return next((terms for collected, terms in self.collects.items() if collected == kind), None)

    @property
    def directory_in_unh(self) -> str:
        """The directory that UNH names: `D.96A`."""
        return self.stated_directory or self.directory


class WebhookAgreement(Value):
    """Where the partner's status events go, as Standard Webhooks. `events` empty: every partner-facing event.

    `retiring_secret` signs beside `secret` as long as it stands there, so that the receiver may change to the new one
    when it likes.
    """

    url: str
    secret: Secret = Field(repr=False)
    retiring_secret: Secret | None = Field(default=None, repr=False)
    events: tuple[str, ...] = ()


class ShopAgreement(Value):
    """A web shop: its platform, its name in our URL, its domain as it states it, its signing secrets."""

    platform: Literal["shopify", "woocommerce"]
    shop: Identifier
    domain: str | None = None
    secrets: tuple[Secret, ...] = Field(default=(), repr=False)


class Tolerances(Value):
    """How much a buyer's price may differ from the list price before the line is amended."""

    price_percent: Amount = Decimal(0)
    on_difference: Literal["amend", "accept", "reject"] = "amend"


class Agreement(Value):
    """Everything agreed with one partner.

    `glns` are the GLNs (NAD) that its credentials may speak for beside the interchange
    address; `stores` the stores whose tills it owns; `party` its own master data.
    `item_numbers` are its own numbers of our items, each with our SKU: an order may name an
    item by them, and our documents name it so, too.
    """

    partner: Identifier
    party: Party
    glns: tuple[Gln, ...] = ()
    currency: Currency = "EUR"
    edi: EdiAgreement | None = None
    shop: ShopAgreement | None = None
    stores: tuple[Identifier, ...] = ()
    webhook: WebhookAgreement | None = None
    partial_delivery: bool = True
    payment_terms_days: int = 30
    location: Identifier = "main"
    tolerances: Tolerances = Tolerances()
    unit_codes: dict[str, str] = {}
    item_numbers: dict[Identifier, Identifier] = Field(default={}, max_length=10_000)
