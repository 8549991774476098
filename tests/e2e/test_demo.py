"""The demonstration's fixed set against a real hub process: every document ends as foretold, and the books balance."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from demo import shop
from demo.catalogue import AGREEMENTS
from demo.fixed_set import FIXED_SET, REPEATS, Step, expected
from demo.once import run_once
from demo.retailer import Wanted, interchange
from demo.world import World

EDI_DOCUMENTS = {"CONTRL": 7, "ORDRSP": 8, "DESADV": 8, "INVOIC": 8}
"""A CONTRL for each of seven interchanges; one of seven orders is answered, delivered and invoiced in two parts."""


@pytest.fixture(params=["embedded", "servers"])
def settings(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """Return the variables of the embedded default, and those of PostgreSQL with RabbitMQ."""
    if request.param == "embedded":
        return {}
    return {
        "HUB_DATABASE_URL": request.getfixturevalue("postgres_url"),
        "HUB_BROKER_URL": request.getfixturevalue("rabbitmq_url"),
    }


async def test_the_fixed_set_ends_as_foretold_and_the_books_balance(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    summary = await run_once(tmp_path, settings=settings)

    received, outcomes = expected([*FIXED_SET, *REPEATS])
    assert summary["received"] == dict(received)
    assert summary["outcomes"] == dict(outcomes)
    assert summary["unauthenticated"] == 1
    assert summary["orders_complete"] == 19
    assert summary["documents_sent"] == EDI_DOCUMENTS
    assert summary["balanced"]
    assert summary["as_expected"]


async def test_the_log_is_json_names_the_conversation_of_every_message_and_tells_no_secret(tmp_path: Path) -> None:
    await run_once(tmp_path, settings={"HUB_LOG_LEVEL": "debug"})

    text = (tmp_path / "hub.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    ours = [line for line in lines if "partner" in line]
    assert {"sent", "file taken in", "duplicate", "parked"} <= {line["event"] for line in ours}
    assert [line for line in ours if not line.get("correlation_id") and not line.get("correlation_ids")] == []
    agreements = [tomllib.loads(file.read_text()) for file in AGREEMENTS.glob("*.toml")]
    secrets = [one["webhook"]["secret"] for one in agreements if "webhook" in one] + [shop.SECRET.decode()]
    assert [secret for secret in secrets if secret.removeprefix("whsec_") in text] == []
    assert re.findall(r"hub_[0-9a-f]{12}_", text) == []


async def test_one_more_order_moves_the_numbers(tmp_path: Path) -> None:
    async def send(world: World) -> None:
        order = Wanted("NM-3001", [(world.articles["CUP-WH"], 2)])
        await world.post_edi(interchange("NM0100", [order]))

    one_more = Step("one more order", "edi", ("applied",), send)
    summary = await run_once(tmp_path, first=[one_more], then=[])

    assert summary["received"] == {"edi": 1}
    assert summary["outcomes"]["applied"] == 1
    assert summary["documents_sent"] == {"CONTRL": 1, "DESADV": 1, "INVOIC": 1, "ORDRSP": 1}
    assert summary["orders_complete"] == 1
    assert summary["as_expected"]


async def test_a_document_that_ends_otherwise_is_noticed(tmp_path: Path) -> None:
    async def send(world: World) -> None:
        order = Wanted("NM-3002", [(world.articles["CUP-WH"], 2)])
        await world.post_edi(interchange("NM0101", [order]))

    foretold_wrongly = Step("foretold to be refused", "edi", ("refused",), send)
    summary = await run_once(tmp_path, first=[foretold_wrongly], then=[])

    assert not summary["as_expected"]
