"""A shop's agreement and the samples of both platforms, as values that a test may change."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.agreement import Agreement, ShopAgreement
from hub.canonical.party import Party

SAMPLES = Path(__file__).parents[2] / "samples" / "webshop"


@pytest.fixture
def shopify_agreement() -> Agreement:
    shop = ShopAgreement(platform="shopify", shop="acme", domain="acme.example")
    return Agreement(partner="acme-shop", party=Party(name="Acme"), shop=shop)


@pytest.fixture
def woo_agreement() -> Agreement:
    shop = ShopAgreement(platform="woocommerce", shop="garden", domain="garden.example")
    return Agreement(partner="garden-shop", party=Party(name="Garden"), shop=shop)


@pytest.fixture
def shopify_order() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / "shopify-order.json").read_bytes())
    return document


@pytest.fixture
def woo_order() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / "woocommerce-order.json").read_bytes())
    return document
