"""Webhook signatures of every platform that signs with HMAC-SHA256: one verifier, one table.

A scheme says where the signature stands, how it is written, what is signed and
how the secret's text becomes a key. Verification runs over the raw bytes, in
constant time, against every active secret; "now" is an argument.

Adyen's standard notifications carry a signature per item inside the body; they
are the table's one entry with `item_fields`.

Source: the vendors' documentation; Standard Webhooks 1.0; WooCommerce
`WC_Webhook::generate_signature`; Shopware 6 app SDK.
"""

import base64
import binascii
import hmac
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from hub.canonical import strict_json
from hub.errors import PartnerError, Unusable
from hub.translators.webshop.headers import Headers, header

Reason = Literal[
    "verified", "no_secret", "missing_header", "malformed_signature", "bad_signature", "too_old", "too_new", "bad_body"
]
Part = Literal["url", "id", "timestamp", "body"]

STANDARD_TOLERANCE = 300
ADYEN_FIELDS = (
    "pspReference",
    "originalReference",
    "merchantAccountCode",
    "merchantReference",
    "amount.value",
    "amount.currency",
    "eventCode",
    "success",
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """How one platform signs.

    `headers`: names of the signature header, the first is written. `key`: how the
    secret's text becomes the key. `signed`: the parts that are joined by dots (by
    nothing where the URL is one of them). `layout`: how a header value holds
    signatures: `plain` one, `list` `v1,<signature>` separated by spaces, `pairs`
    `t=<time>,v1=<signature>`. `tolerance`: seconds that a timestamp may be off.
    """

    headers: tuple[str, ...]
    encoding: Literal["base64", "hex"] = "base64"
    key: Literal["text", "hex", "whsec", "entities"] = "text"
    signed: tuple[Part, ...] = ("body",)
    layout: Literal["plain", "list", "pairs"] = "plain"
    id_header: str = ""
    timestamp_header: str = ""
    tolerance: int | None = None
    item_fields: tuple[str, ...] = ()


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "shopify": Scheme(("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256")),
        "woocommerce": Scheme(("X-WC-Webhook-Signature",), key="entities"),
        "shopware6": Scheme(("shopware-shop-signature",), encoding="hex"),
        "shopware6-registration": Scheme(("shopware-app-signature",), encoding="hex"),
        "standard-webhooks": Scheme(
            ("webhook-signature",),
            key="whsec",
            signed=("id", "timestamp", "body"),
            layout="list",
            id_header="webhook-id",
            timestamp_header="webhook-timestamp",
            tolerance=STANDARD_TOLERANCE,
        ),
        "stripe": Scheme(
            ("Stripe-Signature",),
            encoding="hex",
            signed=("timestamp", "body"),
            layout="pairs",
            tolerance=STANDARD_TOLERANCE,
        ),
        "square": Scheme(("x-square-hmacsha256-signature",), signed=("url", "body")),
        "adyen": Scheme((), key="hex", item_fields=ADYEN_FIELDS),
        "adyen-platform": Scheme(("HmacSignature",), key="hex"),
        "medusa": Scheme(("X-Medusa-Hmac-Sha256",)),
    }
)


DIGEST_BYTES = 32


class Verdict(NamedTuple):
    """What the check found; `secret` is the position of the secret that verified, to see when an old one is unused."""

    reason: Reason
    detail: str = ""
    secret: int | None = None

    @property
    def ok(self) -> bool:
        return self.reason == "verified"


def verify(
    scheme: str, headers: Headers, body: bytes, secrets: Sequence[str], *, now: datetime, url: str = ""
) -> Verdict:
    """Tell whether `body` was signed with one of `secrets`, and if not, why.

    For a Shopware 6 registration `body` is the query string without its signature.
    `url` is the notification URL exactly as configured at Square. Raises Unusable
    for a secret that is not written as the scheme wants it.
    """
    rule = SCHEMES[scheme]
    keys = [_key(rule, secret) for secret in secrets]
    if not keys:
        return Verdict("no_secret", "no signing secret is configured")
    if rule.item_fields:
        return _verify_items(rule, body, keys)
    claim = _claim(rule, headers)
    if isinstance(claim, Verdict):
        return claim
    text = _signed(rule, body, url=url, identifier=claim.identifier, timestamp=claim.timestamp)
    matched = _match(claim.digests, keys, text)
    if matched is None:
        return Verdict("bad_signature", "no active secret gives this signature over these bytes")
    return _in_time(rule, claim.timestamp, now, matched)


def sign(
    scheme: str, body: bytes, secret: str, *, now: datetime | None = None, identifier: str = "", url: str = ""
) -> dict[str, str]:
    """Return the headers with which the platform would send `body`. `now` where the scheme signs a time."""
    rule = SCHEMES[scheme]
    timestamp = str(int(now.timestamp())) if now else ""
    text = _signed(rule, body, url=url, identifier=identifier, timestamp=timestamp)
    signature = _encode(rule, _digest(_key(rule, secret), text))
    value = {"plain": signature, "list": f"v1,{signature}", "pairs": f"t={timestamp},v1={signature}"}[rule.layout]
    headers = {rule.headers[0]: value, rule.id_header: identifier, rule.timestamp_header: timestamp}
    return {name: text for name, text in headers.items() if name}


def sign_item(scheme: str, item: Mapping[str, Any], secret: str) -> str:
    """Return the signature that belongs into `additionalData.hmacSignature` of an Adyen notification item."""
    rule = SCHEMES[scheme]
    return _encode(rule, _digest(_key(rule, secret), _item_text(rule, item)))


class _Claim(NamedTuple):
    """What the headers say: who signed when, and the digests that came out."""

    identifier: str
    timestamp: str
    digests: tuple[bytes, ...]


def _claim(rule: Scheme, headers: Headers) -> _Claim | Verdict:
    value = header(headers, *rule.headers)
    if not value:
        return Verdict("missing_header", f"{rule.headers[0]} is missing or empty")
    timestamp, signatures = _read_value(rule, value)
    timestamp = timestamp or header(headers, rule.timestamp_header) or ""
    identifier = header(headers, rule.id_header) or ""
    if "id" in rule.signed and not identifier:
        return Verdict("missing_header", f"{rule.id_header} is missing or empty")
    if "timestamp" in rule.signed and not _is_timestamp(timestamp):
        return Verdict("missing_header", "the timestamp is missing or not a number of seconds")
    digests = tuple(filter(None, (_decode(rule, signature) for signature in signatures)))
    if not digests:
        return Verdict("malformed_signature", f"{rule.headers[0]} holds no {rule.encoding} SHA-256 signature")
    return _Claim(identifier, timestamp, digests)


def _verify_items(rule: Scheme, body: bytes, keys: Sequence[bytes]) -> Verdict:
    try:
        items = list(_items(strict_json.parse(body)))
    except (PartnerError, TypeError, KeyError) as error:
        return Verdict("bad_body", f"no notification items: {error}")
    matched = None
    for item in items:
        additional = item.get("additionalData")
        signature = additional.get("hmacSignature") if isinstance(additional, dict) else None
        if not isinstance(signature, str):
            return Verdict("missing_header", "an item has no additionalData.hmacSignature")
        given = _decode(rule, signature)
        if given is None:
            return Verdict("malformed_signature", "an item's hmacSignature is not a base64 SHA-256 signature")
        matched = _match([given], keys, _item_text(rule, item))
        if matched is None:
            return Verdict("bad_signature", "no active secret gives the signature of an item")
    return Verdict("verified", secret=matched) if items else Verdict("bad_body", "no notification items")


def _items(document: Any) -> Iterator[dict[str, Any]]:
    for wrapper in document["notificationItems"]:
        item = wrapper["NotificationRequestItem"]
        if not isinstance(item, dict):
            raise TypeError("an item is not an object")
        yield item


def _item_text(rule: Scheme, item: Mapping[str, Any]) -> bytes:
    return ":".join(_item_field(item, path) for path in rule.item_fields).encode()


def _item_field(item: Any, path: str) -> str:
    for name in path.split("."):
        item = item.get(name) if isinstance(item, Mapping) else None
    if isinstance(item, bool):
        return str(item).lower()
    return "" if item is None else str(item)


_ENTITIES = re.compile(r"&(?:amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#[xX]0*(?:22|26|27|3[cC]|3[eE]));")


def _key(rule: Scheme, secret: str) -> bytes:
    """Return the key bytes; WordPress stores secrets HTML-escaped and signs with the decoded text."""
    try:
        if rule.key == "hex":
            return binascii.unhexlify(secret)
        if rule.key == "whsec":
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        wanted = {"hex": "hexadecimal", "whsec": "`whsec_` followed by base64"}[rule.key]
        raise Unusable(f"the signing secret is not {wanted}") from error
    if rule.key == "entities":
        secret = _ENTITIES.sub(lambda entity: html.unescape(entity[0]), secret)
    return secret.encode()


def _read_value(rule: Scheme, value: str) -> tuple[str, list[str]]:
    """Split a header value into its timestamp (empty if it holds none) and its signatures."""
    if rule.layout == "plain":
        return "", [value.strip()]
    if rule.layout == "list":
        return "", [part.removeprefix("v1,") for part in value.split() if part.startswith("v1,")]
    pairs = [part.strip().partition("=") for part in value.split(",")]
    times = [text for name, _, text in pairs if name == "t"]
    return (times[0] if times else ""), [text for name, _, text in pairs if name == "v1"]


def _is_timestamp(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12  # noqa: PLR2004 - seconds until the year 33658


def _signed(rule: Scheme, body: bytes, *, url: str, identifier: str, timestamp: str) -> bytes:
    parts = {"url": url.encode(), "id": identifier.encode(), "timestamp": timestamp.encode(), "body": body}
    separator = b"" if "url" in rule.signed else b"."
    return separator.join(parts[part] for part in rule.signed)


def _digest(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _encode(rule: Scheme, digest: bytes) -> str:
    return digest.hex() if rule.encoding == "hex" else base64.b64encode(digest).decode()


def _decode(rule: Scheme, signature: str) -> bytes | None:
    try:
        text = signature.encode("ascii")
        digest = binascii.unhexlify(text) if rule.encoding == "hex" else base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return digest if len(digest) == DIGEST_BYTES else None


def _match(given: Sequence[bytes], keys: Sequence[bytes], text: bytes) -> int | None:
    """Return the position of the key that made one of the given digests; looks at all of them either way."""
    matched = None
    for position, key in enumerate(keys):
        digest = _digest(key, text)
        for candidate in given:
            if hmac.compare_digest(digest, candidate) and matched is None:
                matched = position
    return matched


def _in_time(rule: Scheme, timestamp: str, now: datetime, matched: int) -> Verdict:
    if rule.tolerance is None:
        return Verdict("verified", secret=matched)
    age = now.timestamp() - int(timestamp)
    if age > rule.tolerance:
        return Verdict("too_old", f"signed {age:.0f} s ago, {rule.tolerance} s are allowed", matched)
    if -age > rule.tolerance:
        return Verdict("too_new", f"signed {-age:.0f} s in the future, {rule.tolerance} s are allowed", matched)
    return Verdict("verified", secret=matched)
