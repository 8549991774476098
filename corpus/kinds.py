"""What a file is: told by its content, else by the name of a folder that it lies in.

Source: the first bytes of ISO 9735, X12 and TRADACOMS interchanges; root elements of XML;
members of the platforms' JSON documents.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Any

from hub.canonical import strict_json
from hub.errors import PartnerError

NOT_A_MESSAGE = re.compile(
    r"INDEX\.tsv|README(\..*)?|LICEN[CS]E(\..*)?|NOTICE|\.git(attributes|ignore|keep)", re.IGNORECASE
)
"""Names of files that stand beside messages and are none."""

_BLANK = b" \t\r\n\x00\x1a"
_BOM = b"\xef\xbb\xbf"
_BEGINNINGS = ((b"UNA", "edifact"), (b"UNB", "edifact"), (b"ISA", "X12"), (b"STX=", "TRADACOMS"))
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)[^>]*")
_ROOTS = {
    b"POSLog": "poslog",
    b"CrossIndustryInvoice": "UN/CEFACT CII",
    b"CrossIndustryDocument": "UN/CEFACT CII",
    b"prestashop": "PrestaShop",
    b"methodResponse": "Magento 1",
    b"methodCall": "Magento 1",
}
_UBL = b"urn:oasis:names:specification:ubl:schema:xsd:"
_FOLDERS = {
    "edifact": "edifact",
    "x12": "X12",
    "ubl": "UBL",
    "shopify": "shopify",
    "woocommerce": "woocommerce",
    "adyen": "Adyen",
    "fiskaltrust-de": "fiskaltrust",
    "magento1": "Magento 1",
    "magento2": "Magento 2",
    "prestashop": "PrestaShop",
    "shopware6": "Shopware 6",
    "square": "Square",
    "stripe": "Stripe",
    "pos": "sale",
}
_SHOPIFY_RESOURCES = frozenset(
    {
        "order",
        "customer",
        "draft_order",
        "fulfillment",
        "fulfillment_event",
        "gift_card",
        "inventory_level",
        "product",
        "refund",
        "tender_transactions",
        "transaction",
    }
)

Document = dict[str, Any]
_OBJECTS: tuple[tuple[Callable[[Document], bool], str], ...] = (
    (lambda it: "notificationItems" in it or "pspReference" in it, "Adyen"),
    (lambda it: "ftCashBoxID" in it, "fiskaltrust"),
    (lambda it: "order_key" in it or "order_key" in _inner(it, "data"), "woocommerce"),
    (lambda it: len(it) == 1 and not _SHOPIFY_RESOURCES.isdisjoint(it), "shopify"),
    (lambda it: {"financial_status", "line_items"} <= it.keys(), "shopify"),
    (lambda it: str(it.get("admin_graphql_api_id", "")).startswith("gid://shopify/"), "shopify"),
    (lambda it: "sales" in it or {"store", "terminal", "business_date"} <= it.keys(), "sale"),
    (lambda it: it.get("object") in {"event", "balance_transaction"} and "id" in it, "Stripe"),
)


def kind_of(path: PurePath, data: bytes) -> str | None:
    """Return the name of a format, None where neither content nor folder tells."""
    return _by_content(data) or _by_folder(path.parent.parts)


def _by_content(data: bytes) -> str | None:
    text = data.removeprefix(_BOM).lstrip(_BLANK)
    for beginning, kind in _BEGINNINGS:
        if text.startswith(beginning):
            return kind
    if text.startswith(b"<"):
        return _xml(text)
    return _json(data) if text.startswith((b"{", b"[")) else None


def _xml(text: bytes) -> str | None:
    root = _ROOT.search(text)
    if root is None:
        return None
    return _ROOTS.get(root[1]) or ("UBL" if _UBL in root[0] else None)


def _json(data: bytes) -> str | None:
    try:
        document = strict_json.parse(data)
    except PartnerError:
        return None
    if isinstance(document, list):
        return "signatures" if _are_signatures(document) else None
    return next((kind for applies, kind in _OBJECTS if applies(document)), None)


def _are_signatures(entries: list[Any]) -> bool:
    return bool(entries) and all(isinstance(each, dict) and {"scheme", "signature"} <= each.keys() for each in entries)


def _inner(document: Document, name: str) -> Document:
    inner = document.get(name)
    return inner if isinstance(inner, dict) else {}


def _by_folder(folders: Iterable[str]) -> str | None:
    return next((_FOLDERS[name] for name in reversed(list(folders)) if name in _FOLDERS), None)
