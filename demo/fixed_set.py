"""The fixed set of `demo --once`: what goes right and what goes wrong on every channel, and how each must end.

A step sends documents and says how each ends in the books. After all steps the ends
that were foretold are compared with those that the running hub tells.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from demo import retailer, shop, tills
from demo.catalogue import SCARCE, Article
from demo.retailer import Wanted
from demo.world import UNAUTHORIZED, World

UNKNOWN = Article("NONE-1", "4012345009996", "Not in the catalogue", Decimal("7.00"), Decimal(19))
MORE_THAN_THERE_IS = 20
ENDS = {"applied": "applied", "duplicate": "duplicates", "refused": "refused", "parked": "parked"}


@dataclass(frozen=True, slots=True)
class Step:
    """One sending: what it is, which channel counts its documents, how they end, and how it is done."""

    tells: str
    channel: str
    ends: tuple[str, ...]
    send: Callable[[World], Awaitable[None]]


def expected(steps: Sequence[Step]) -> tuple[Counter[str], Counter[str]]:
    """Return how many documents must be received per channel, and how many must end in which way."""
    received = Counter(dict.fromkeys(("edi", "webshop", "pos"), 0))
    outcomes = Counter(dict.fromkeys((*ENDS.values(), "in_flight"), 0))
    for step in steps:
        received[step.channel] += len(step.ends)
        outcomes.update(ENDS[end] for end in step.ends)
    return received, outcomes


def _wanted(world: World, number: str, *lines: tuple[str, int]) -> Wanted:
    return Wanted(number, [(world.articles[sku], quantity) for sku, quantity in lines])


def _three_orders(world: World) -> bytes:
    return retailer.interchange(
        "NM0001",
        [
            _wanted(world, "NM-1001", ("TEA-100", 40), ("COF-500", 24)),
            _wanted(world, "NM-1002", ("CUP-WH", 60), ("CUP-BL", 60), ("POT-1L", 6)),
            _wanted(world, "NM-1003", ("KET-17", 12)),
        ],
        FIXED_TIME,
    )


FIXED_TIME = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
"""The date on the documents of the fixed set, so that an exact duplicate is exact."""


async def three_orders(world: World) -> None:
    """Send three orders in one interchange, by folder."""
    world.drop("NM0001.edi", _three_orders(world))


async def unknown_item(world: World) -> None:
    """Order something that is not in the catalogue beside something that is."""
    lines = [(UNKNOWN, 5), (world.articles["TEA-250"], 10)]
    world.drop("NM0002.edi", retailer.interchange("NM0002", [Wanted("NM-1004", lines)], FIXED_TIME))


async def short_stock(world: World) -> None:
    """Order more than there is."""
    order = _wanted(world, "NM-1005", (SCARCE, MORE_THAN_THERE_IS))
    world.drop("NM0003.edi", retailer.interchange("NM0003", [order], FIXED_TIME))


async def two_orders_by_http(world: World) -> None:
    """Send two orders in one interchange, by HTTP."""
    orders = [_wanted(world, "NM-1006", ("FIL-100", 100)), _wanted(world, "NM-1007", ("COF-1000", 30), ("TEA-100", 12))]
    await world.post_edi(retailer.interchange("NM0005", orders, FIXED_TIME))


async def the_same_interchange_again(world: World) -> None:
    """Send the first interchange again, byte for byte, by the other door."""
    await world.post_edi(_three_orders(world))


async def another_content_under_a_used_reference(world: World) -> None:
    """Use a control reference again for something else."""
    order = _wanted(world, "NM-1999", ("TEA-100", 1))
    await world.post_edi(retailer.interchange("NM0002", [order], FIXED_TIME))


async def damaged_interchange(world: World) -> None:
    """Send a message that says it has more segments than it has."""
    world.drop("NM0004.edi", retailer.damaged("NM0004", _wanted(world, "NM-1008", ("TEA-100", 5))))


def _shop_order(world: World, number: int, *lines: tuple[str, int]) -> shop.Delivery:
    body = shop.order(number, [(world.articles[sku], quantity) for sku, quantity in lines], FIXED_TIME)
    return shop.delivery(body, f"00000000-0000-4000-8000-{number:012d}")


SHOP_ORDERS: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (2001, (("TEA-100", 2), ("CUP-WH", 2))),
    (2002, (("POT-1L", 1),)),
    (2003, (("COF-500", 3), ("FIL-100", 1))),
    (2004, (("KET-17", 1), ("TEA-250", 2))),
    (2005, (("CUP-BL", 4),)),
)


async def shop_orders(world: World) -> None:
    """Five paid orders of the web shop."""
    for number, lines in SHOP_ORDERS:
        await world.shop(_shop_order(world, number, *lines))


async def the_same_webhook_again(world: World) -> None:
    """The shop repeats a webhook that it believes undelivered."""
    number, lines = SHOP_ORDERS[0]
    await world.shop(_shop_order(world, number, *lines))


async def bad_signature(world: World) -> None:
    """Somebody else calls the shop's webhook."""
    forged = _shop_order(world, 2666, ("KET-17", 9))
    forged = shop.delivery(forged.body, "00000000-0000-4000-8000-000000002666", secret=b"a guess")
    if await world.shop(forged) != UNAUTHORIZED:
        raise SystemExit("a webhook with a bad signature was taken")


def _receipt(world: World, till: str, number: int, *lines: tuple[str, int]) -> dict[str, object]:
    sold = [(world.articles[sku], quantity) for sku, quantity in lines]
    return tills.receipt(till, number, sold, FIXED_TIME.date())


async def five_receipts(world: World) -> None:
    """Five receipts of a till in one push."""
    sold = (("TEA-100", 1), ("CUP-WH", 2), ("COF-500", 1), ("FIL-100", 3), ("POT-1L", 1))
    await world.till("1", [_receipt(world, "1", number, line) for number, line in enumerate(sold, 1)])


async def the_same_receipt_again(world: World) -> None:
    """The till pushes a receipt again."""
    await world.till("1", [_receipt(world, "1", 1, ("TEA-100", 1))])


async def another_receipt_under_a_used_number(world: World) -> None:
    """The till uses a receipt's number for another sale."""
    await world.till("1", [_receipt(world, "1", 2, ("KET-17", 1))])


async def late_receipt(world: World) -> None:
    """A till that was offline pushes a receipt of the day before."""
    sold = [(world.articles["TEA-250"], 2)]
    await world.till("2", [tills.receipt("2", 900, sold, (FIXED_TIME - timedelta(days=1)).date())])


async def unknown_item_at_the_till(world: World) -> None:
    """A till has sold something that is not in the catalogue: it has happened all the same."""
    await world.till("2", [tills.receipt("2", 1, [(replace(UNKNOWN, sku="LOOSE-9"), 1)], FIXED_TIME.date())])


FIXED_SET: tuple[Step, ...] = (
    Step("three orders in one file", "edi", ("applied",) * 3, three_orders),
    Step("an order with an unknown item", "edi", ("applied",), unknown_item),
    Step("an order for more than there is", "edi", ("applied",), short_stock),
    Step("a damaged interchange", "edi", ("refused",), damaged_interchange),
    Step("two orders by HTTP", "edi", ("applied",) * 2, two_orders_by_http),
    Step("five shop orders", "webshop", ("applied",) * 5, shop_orders),
    Step("a repeated webhook", "webshop", ("duplicate",), the_same_webhook_again),
    Step("a webhook with a bad signature", "webshop", (), bad_signature),
    Step("five receipts in one push", "pos", ("applied",) * 5, five_receipts),
    Step("a repeated receipt", "pos", ("duplicate",), the_same_receipt_again),
    Step("another receipt under a used number", "pos", ("parked",), another_receipt_under_a_used_number),
    Step("a late receipt", "pos", ("applied",), late_receipt),
    Step("an unknown item at the till", "pos", ("applied",), unknown_item_at_the_till),
)

REPEATS: tuple[Step, ...] = (
    Step("the first file again", "edi", ("duplicate",), the_same_interchange_again),
    Step("other content under a used reference", "edi", ("parked",), another_content_under_a_used_reference),
)
"""What repeats earlier files: sent once those have been taken."""
