"""The doors of web shops: `POST /webhooks/{platform}/{shop}`, authentic by the signature over the raw bytes.

An unknown endpoint and a bad signature get the same answer after the same work. What is
authentic is archived and answered 200, a repetition too, since that is all a shop wants
to hear. WooCommerce tries an address with an unsigned ping, of which nothing is kept.

Source: Shopify webhooks, HTTPS delivery; WooCommerce `WC_Webhook::deliver_ping`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.canonical.agreement import ShopAgreement
from hub.canonical.envelope import Channel
from hub.canonical.intake import InputFormat
from hub.connectors.bodies import Bodies
from hub.connectors.body import by_size, read_body
from hub.connectors.door import Dock, answer, delivery_of, headers_of, path_of, route
from hub.errors import AccessDenied
from hub.store.arrivals import Delivery, Input, Part
from hub.translators.webshop import shopify, signatures, woocommerce
from hub.translators.webshop.headers import Headers, header

CHANNEL: Channel = "webshop"
NO_SECRET = ("no shop has this secret",)
SHOPS_SEEN = 1_000
"""Names of shops of which it is remembered which host they mean."""
UNSIGNED_SECONDS = 15.0
"""How long a body may take whose sender is not known before it has come; both platforms give up sooner."""
UNKNOWN = "/webhooks/(unknown)"
"""Where input to addresses that do not exist is counted: whoever guesses addresses makes no rows of each."""


class Platform(NamedTuple):
    """What we must know of a platform to take its notifications; `shop_header` names the shop that sends."""

    format: InputFormat
    source_key: Callable[[Headers, bytes], str]
    topic: Callable[[Headers], str]
    shop_header: str


PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        "shopify": Platform("shopify", shopify.source_key, shopify.topic, "X-Shopify-Shop-Domain"),
        "woocommerce": Platform("woocommerce", woocommerce.source_key, woocommerce.topic, "X-WC-Webhook-Source"),
    }
)


def routes(dock: Dock) -> list[Route]:
    """Return the doors of web shops."""
    unsigned = Middleware(Bodies, limit=dock.limits.unsigned)
    return [route("/webhooks/{platform}/{shop}", partial(_notification, dock), unsigned)]


async def _notification(dock: Dock, request: Request) -> Response:
    dock.pressure.check()
    name, shop_name = request.path_params["platform"], request.path_params["shop"]
    body = await read_body(request, dock.limits.json, seconds=UNSIGNED_SECONDS)
    partner = await dock.partners.of("shop", f"{name}/{shop_name}")
    agreement = await dock.partners.agreement(partner) if partner else None
    shop = agreement.shop if agreement else None
    if shop is not None and name == "woocommerce" and woocommerce.is_ping(body):
        return answer(200, {})
    headers = headers_of(request)
    await _authenticate(dock, request, headers, body, shop)
    dock.rates.take(path_of(request))
    platform = PLATFORMS[name]
    delivery = delivery_of(request, body, channel=CHANNEL, source=f"shop:{name}:{shop_name}", partner=partner)
    claimed = header(headers, platform.shop_header)
    if shop is not None and shop.domain and claimed and _host(claimed) != _host(shop.domain):
        raise await dock.refuse(delivery, f"webhook {name}/{shop_name}", f"the shop {claimed}")
    return await _receive(dock, headers, platform, delivery)


async def _receive(dock: Dock, headers: Headers, platform: Platform, delivery: Delivery) -> Response:
    key = await by_size(delivery.body, partial(platform.source_key, headers, delivery.body))
    part = Part(source_key=key, sha256=delivery.sha256, length=len(delivery.body))
    received = await dock.receiver.receive(Input(delivery, platform.format, (part,), topic=platform.topic(headers)))
    taken = received.parts[0]
    told = {"id": str(taken.document_id)}
    if taken.outcome != "stored":
        told["duplicate_of" if taken.outcome == "duplicate" else "conflict"] = str(taken.first_id)
    return answer(200, told)


async def _authenticate(
    dock: Dock, request: Request, headers: Headers, body: bytes, shop: ShopAgreement | None
) -> None:
    """Raise AccessDenied, after counting, unless the shop is known and signed these bytes."""
    name = request.path_params["platform"]
    scheme = name if name in PLATFORMS else "shopify"
    secrets = (shop.secrets if shop else ()) or NO_SECRET
    verdict = signatures.verify(scheme, headers, body, secrets, now=dock.seams.now())
    if shop is None or not shop.secrets or not verdict.ok:
        reason = verdict.detail if shop else "no such endpoint"
        endpoint = path_of(request) if shop else UNKNOWN
        source = f"shop:{name}" if shop else "unknown"
        await dock.turn_away(
            delivery_of(request, body, channel=CHANNEL, source=source, partner=None, endpoint=endpoint), reason
        )
        raise AccessDenied("no shop of ours has signed this with this address")


@lru_cache(SHOPS_SEEN)
def _host(shop: str) -> str:
    try:
        return (urlsplit(shop if "//" in shop else f"//{shop}").hostname or shop).lower()
    except ValueError:
        return shop.lower()
