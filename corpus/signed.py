"""Lists of webhook signatures: every entry that a shared secret can verify is verified.

An entry names its scheme, secret, body and signature, and how the header is written
(`Stripe-Signature: t=<ts>,v1=<sig>`); an Adyen item is given by the text that was signed.
"""

import json
from datetime import UTC, datetime
from typing import Any

from corpus.outcome import Outcome
from hub.canonical import strict_json
from hub.translators.webshop.signatures import SCHEMES, verify

_NAMES = {"shopware6-shop": "shopware6", "adyen-standard": "adyen", "adyen-standard-slashes": "adyen"}
"""What others call our schemes."""


def read(data: bytes) -> Outcome:
    """Verify the entries of a list."""
    entries = strict_json.parse(data)
    ours = [entry for entry in entries if "secret" in entry and _scheme(entry) in SCHEMES]
    wrong = [entry["scheme"] for entry in ours if not _verifies(entry)]
    others = sorted({entry["scheme"] for entry in entries if entry not in ours})
    reason = f"not verifiable by a secret: {', '.join(others)}" if others else ""
    return Outcome(
        format="signatures",
        verdict="answered" if wrong else "read",
        reason=f"does not verify: {', '.join(wrong)}" if wrong else reason,
        messages=len(entries),
        errors=len(wrong),
        documents=len(ours) - len(wrong),
    )


def _scheme(entry: dict[str, Any]) -> str:
    name = str(entry["scheme"])
    return _NAMES.get(name, name)


def _verifies(entry: dict[str, Any]) -> bool:
    scheme = _scheme(entry)
    timestamp = str(entry.get("timestamp", ""))
    now = datetime.fromtimestamp(int(timestamp), UTC) if timestamp else datetime(2026, 1, 1, tzinfo=UTC)
    body = _adyen(entry) if scheme == "adyen" else entry["body"].encode()
    name, _, layout = entry["header"].partition(": ")
    value = (layout or "<sig>").replace("<ts>", timestamp).replace("<sig>", entry["signature"])
    headers = {name.lower(): value, "webhook-id": entry.get("id", ""), "webhook-timestamp": timestamp}
    return verify(scheme, headers, body, [entry["secret"]], now=now, url=entry.get("notification_url", "")).ok


def _adyen(entry: dict[str, Any]) -> bytes:
    """Return the notification whose signed text this is; only the reference in its middle may hold colons."""
    psp, original, account, rest = entry["signed_content"].split(":", 3)
    reference, value, currency, event, success = rest.rsplit(":", 4)
    item = {
        "pspReference": psp,
        "originalReference": original,
        "merchantAccountCode": account,
        "merchantReference": reference,
        "amount": {"value": value, "currency": currency},
        "eventCode": event,
        "success": success,
        "additionalData": {"hmacSignature": entry["signature"]},
    }
    return json.dumps({"notificationItems": [{"NotificationRequestItem": item}]}).encode()
