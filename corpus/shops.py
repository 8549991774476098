"""Web shops: what Shopify and WooCommerce send about their orders."""

from corpus.outcome import Outcome, Tally
from hub.canonical import strict_json
from hub.canonical.agreement import Agreement, ShopAgreement
from hub.canonical.order import OrderReceived
from hub.canonical.party import Party
from hub.domain import tie_out
from hub.translators.webshop import shopify, woocommerce
from hub.translators.webshop.result import Result


def read_shopify(data: bytes) -> Outcome:
    """Read a resource of Shopify; the wrapper of a REST answer tells which it is."""
    document = strict_json.parse(data)
    wrapper = next(iter(document)) if isinstance(document, dict) and len(document) == 1 else "order"
    terms = _agreement(ShopAgreement(platform="shopify", shop="corpus"))
    return _outcome("shopify", shopify.read(data, terms, f"{wrapper}s/create"))


def read_woocommerce(data: bytes) -> Outcome:
    """Read a resource of WooCommerce; an order has lines and somebody who pays."""
    document = strict_json.parse(data)
    resource = document.get("data", document) if isinstance(document, dict) else document
    is_order = isinstance(resource, dict) and {"line_items", "billing"} <= resource.keys()
    terms = _agreement(ShopAgreement(platform="woocommerce", shop="corpus"))
    return _outcome("woocommerce", woocommerce.read(data, terms, "order.created" if is_order else "(another resource)"))


def _agreement(shop: ShopAgreement) -> Agreement:
    return Agreement(partner="corpus", party=Party(name="the shop"), shop=shop)


def _outcome(kind: str, result: Result) -> Outcome:
    order = result.order
    if result.not_handled is not None:
        outcome = Outcome(format=kind, verdict="refused by name", reason=result.not_handled, messages=1)
    elif order is None:
        outcome = Outcome(format=kind, verdict="answered", messages=1)
    else:
        differences = tie_out.differences(order.order)
        outcome = Outcome(
            format=kind,
            verdict="read",
            messages=1,
            documents=1,
            tie_out=Tally.count([not differences]),
            round_trip=Tally.count([OrderReceived.model_validate_json(order.model_dump_json()) == order]),
            differences=tuple(difference.message for difference in differences),
        )
    return outcome.with_findings(result.findings)
