"""Parties and places. Names after UBL 2.1 and EN 16931 (BG-4, BG-7, BG-13)."""

from hub.canonical.values import CountryCode, Gln, Identifier, Value


class Address(Value):
    """A postal address; `street` is the lines joined by newlines."""

    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    region: str | None = None
    country: CountryCode | None = None


class Contact(Value):
    """Whom to ask."""

    name: str | None = None
    telephone: str | None = None
    email: str | None = None


class Party(Value):
    """A company, person or place as a document states it.

    Identified by GLN, by an identifier of a code list (`scheme`: EDIFACT 3055, or
    `shop` for a web shop's customer id), by VAT id, or only by name.
    """

    gln: Gln | None = None
    identifier: Identifier | None = None
    scheme: str | None = None
    name: str | None = None
    vat_id: str | None = None
    tax_registration: str | None = None
    address: Address | None = None
    contact: Contact | None = None

    @property
    def key(self) -> str:
        """The strongest identifier that the document gave, empty if it gave none."""
        return self.gln or self.identifier or self.vat_id or self.name or ""


class OtherParty(Value):
    """A party in a role that the hub keeps but does not act on; `role` is EDIFACT 3035."""

    role: str
    party: Party
