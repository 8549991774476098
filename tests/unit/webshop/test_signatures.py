"""One verifier for every platform that signs with HMAC: what verifies, and why something does not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from hub.errors import Unusable
from hub.translators.webshop.signatures import SCHEMES, sign, sign_item, verify

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
BODY = '{"id":1,"note":"Größe €"}'.encode()
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HEXKEY = bytes(range(32)).hex()
SECRETS = {
    "text": "hush",
    "hex": HEXKEY,
    "whsec": WHSEC,
    "entities": "a&amp;b&lt;c",
}
SIGNED_IN_HEADERS = sorted(name for name, scheme in SCHEMES.items() if scheme.headers)


def hmac_sha256(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def secret_of(scheme: str) -> str:
    return SECRETS[SCHEMES[scheme].key]


def signed(scheme: str, secret: str | None = None) -> dict[str, str]:
    return sign(scheme, BODY, secret or secret_of(scheme), now=NOW, identifier="msg_1", url="https://hub.example/hook")


def check(scheme: str, headers: dict[str, str], body: bytes = BODY, **changes: Any) -> Any:
    arguments = {"secrets": [secret_of(scheme)], "now": NOW, "url": "https://hub.example/hook"} | changes
    return verify(scheme, {name.lower(): value for name, value in headers.items()}, body, **arguments)


@pytest.mark.parametrize(
    ("scheme", "headers"),
    [
        ("shopify", {"X-Shopify-Hmac-SHA256": base64.b64encode(hmac_sha256(b"hush", BODY)).decode()}),
        ("shopify", {"shopify-hmac-sha256": base64.b64encode(hmac_sha256(b"hush", BODY)).decode()}),
        ("woocommerce", {"X-WC-Webhook-Signature": base64.b64encode(hmac_sha256(b"a&b<c", BODY)).decode()}),
        ("shopware6", {"shopware-shop-signature": hmac_sha256(b"hush", BODY).hex()}),
        ("shopware6-registration", {"shopware-app-signature": hmac_sha256(b"hush", BODY).hex()}),
        ("stripe", {"Stripe-Signature": f"t={SECONDS},v1={hmac_sha256(b'hush', f'{SECONDS}.'.encode() + BODY).hex()}"}),
        (
            "square",
            {
                "x-square-hmacsha256-signature": base64.b64encode(
                    hmac_sha256(b"hush", b"https://hub.example/hook" + BODY)
                ).decode()
            },
        ),
        ("adyen-platform", {"HmacSignature": base64.b64encode(hmac_sha256(bytes(range(32)), BODY)).decode()}),
        ("medusa", {"X-Medusa-Hmac-Sha256": base64.b64encode(hmac_sha256(b"hush", BODY)).decode()}),
    ],
)
def test_signature_made_by_the_platforms_rule_verifies(scheme: str, headers: dict[str, str]) -> None:
    verdict = check(scheme, headers)
    assert verdict.ok, verdict
    assert verdict.secret == 0


def test_standard_webhooks_verify_both_ways_with_the_reference_library() -> None:
    theirs = Webhook(WHSEC)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": theirs.sign("msg_1", now, BODY.decode()),
    }
    assert check("standard-webhooks", headers, now=now).ok
    theirs.verify(BODY, sign("standard-webhooks", BODY, WHSEC, now=now, identifier="msg_1"))


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_what_we_sign_verifies(scheme: str) -> None:
    assert check(scheme, signed(scheme)).reason == "verified"


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_every_byte_of_the_body_counts(scheme: str) -> None:
    for body in (BODY + b"\n", BODY.replace(b"1", b"2"), b"", json.dumps(json.loads(BODY)).encode()):
        assert check(scheme, signed(scheme), body).reason == "bad_signature"


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_another_secret_does_not_verify(scheme: str) -> None:
    other = {"text": "other", "hex": "00" * 32, "whsec": "whsec_AAAA", "entities": "other"}[SCHEMES[scheme].key]
    assert check(scheme, signed(scheme), secrets=[other]).reason == "bad_signature"


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_any_active_secret_verifies_and_is_named(scheme: str) -> None:
    old = {"text": "old", "hex": "11" * 32, "whsec": "whsec_BBBB", "entities": "old"}[SCHEMES[scheme].key]
    verdict = check(scheme, signed(scheme, old), secrets=[secret_of(scheme), old])
    assert (verdict.reason, verdict.secret) == ("verified", 1)


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_missing_or_empty_header_is_named(scheme: str) -> None:
    headers = signed(scheme)
    for name in headers:
        for broken in ({**headers, name: ""}, {key: value for key, value in headers.items() if key != name}):
            verdict = check(scheme, broken)
            assert verdict.reason == "missing_header"
            assert verdict.detail


@pytest.mark.parametrize("scheme", SIGNED_IN_HEADERS)
def test_signature_of_another_form_is_malformed(scheme: str) -> None:
    name = SCHEMES[scheme].headers[0]
    for nonsense in ("ä", "v1,ä", "deadbeef", "t=1767225600,v1=ff", "=" * 44):
        assert check(scheme, signed(scheme) | {name: nonsense}).reason in {"malformed_signature", "missing_header"}


def test_hexadecimal_where_base64_is_wanted_is_malformed() -> None:
    digest = hmac_sha256(b"hush", BODY).hex()
    assert check("shopify", {"X-Shopify-Hmac-Sha256": digest}).reason == "malformed_signature"


@pytest.mark.parametrize("scheme", ["stripe", "standard-webhooks"])
def test_time_off_by_more_than_five_minutes_is_refused(scheme: str) -> None:
    headers = signed(scheme)
    assert check(scheme, headers, now=NOW + timedelta(seconds=300)).ok
    assert check(scheme, headers, now=NOW - timedelta(seconds=300)).ok
    assert check(scheme, headers, now=NOW + timedelta(seconds=301)).reason == "too_old"
    assert check(scheme, headers, now=NOW - timedelta(seconds=301)).reason == "too_new"


def test_time_is_signed_too() -> None:
    headers = signed("standard-webhooks") | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}
    assert check("standard-webhooks", headers).reason == "bad_signature"


@pytest.mark.parametrize("time", ["soon", "-1", "1.5", "9" * 400, "\u0661\u0667"])
def test_time_that_is_no_number_of_seconds_is_refused(time: str) -> None:
    headers = signed("standard-webhooks") | {"webhook-timestamp": time}
    assert check("standard-webhooks", headers).reason == "missing_header"


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed("standard-webhooks")
    other = "v1," + base64.b64encode(bytes(32)).decode()
    headers["webhook-signature"] = f"v1a,xyz {other} {headers['webhook-signature']}"
    assert check("standard-webhooks", headers).ok
    stripe = signed("stripe")
    stripe["Stripe-Signature"] = stripe["Stripe-Signature"].replace(",v1=", f",v1={'00' * 32},v0=ff,v1=")
    assert check("stripe", stripe).ok


def test_another_url_breaks_squares_signature() -> None:
    assert check("square", signed("square"), url="https://proxy.example/hook").reason == "bad_signature"


def test_stripe_secret_is_never_decoded() -> None:
    assert check("stripe", signed("stripe", WHSEC), secrets=[WHSEC]).ok
    assert check("stripe", signed("stripe", "whsec_not base64"), secrets=["whsec_not base64"]).ok


@pytest.mark.parametrize(
    ("stored", "key"),
    [
        ("a&amp;b", b"a&b"),
        ("&lt;&gt;&quot;&#039;&#x27;", b"<>\"''"),
        ("a&b", b"a&b"),
        ("&amp;lt;", b"&lt;"),
        ("&copy;&sect", b"&copy;&sect"),
    ],
)
def test_woocommerce_secret_is_decoded_as_wordpress_does(stored: str, key: bytes) -> None:
    header = {"X-WC-Webhook-Signature": base64.b64encode(hmac_sha256(key, BODY)).decode()}
    assert check("woocommerce", header, secrets=[stored]).ok


def test_endpoint_without_a_secret_verifies_nothing() -> None:
    assert check("shopify", signed("shopify"), secrets=[]).reason == "no_secret"


@pytest.mark.parametrize(("scheme", "secret"), [("adyen", "not hex"), ("standard-webhooks", "whsec_not base64")])
def test_secret_written_wrongly_is_a_fault_of_the_installation(scheme: str, secret: str) -> None:
    with pytest.raises(Unusable, match="secret"):
        check(scheme, {}, secrets=[secret])


def item(**changes: Any) -> dict[str, Any]:
    return {
        "pspReference": "PSP1",
        "merchantAccountCode": "Acme",
        "merchantReference": "order/1: a:b",
        "amount": {"value": 1000, "currency": "EUR"},
        "eventCode": "AUTHORISATION",
        "success": "true",
        **changes,
    }


def batch(*items: dict[str, Any], key: str = HEXKEY) -> bytes:
    wrapped = [
        {"NotificationRequestItem": one | {"additionalData": {"hmacSignature": sign_item("adyen", one, key)}}}
        for one in items
    ]
    return json.dumps({"live": "false", "notificationItems": wrapped}).encode()


def test_adyen_signs_eight_unescaped_fields_of_each_item() -> None:
    text = "PSP1::Acme:order/1: a:b:1000:EUR:AUTHORISATION:true"
    expected = base64.b64encode(hmac_sha256(bytes(range(32)), text.encode())).decode()
    assert sign_item("adyen", item(), HEXKEY) == expected
    assert sign_item("adyen", item(success=True), HEXKEY) == expected
    assert check("adyen", {}, batch(item(), item(pspReference="PSP2"))).ok


def test_one_false_item_spoils_adyens_batch() -> None:
    good, bad = batch(item()), batch(item(), key="ff" * 32)
    items = json.loads(good)["notificationItems"] + json.loads(bad)["notificationItems"]
    assert check("adyen", {}, json.dumps({"notificationItems": items}).encode()).reason == "bad_signature"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad_body"),
        (b"[]", "bad_body"),
        (b'{"notificationItems": []}', "bad_body"),
        (b'{"notificationItems": [{"NotificationRequestItem": 1}]}', "bad_body"),
        (b'{"notificationItems": [{"NotificationRequestItem": {}}]}', "missing_header"),
        (
            b'{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"x"}}}]}',
            "malformed_signature",
        ),
    ],
)
def test_adyen_body_without_signed_items_is_refused(body: bytes, reason: str) -> None:
    assert check("adyen", {}, body).reason == reason
