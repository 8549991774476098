"""The layers of the house hold, and the tool that watches them does catch whoever crosses them."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hub.app.services import ALL

REPOSITORY = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

HOUSE = "The house: imports point one way"
TRANSLATORS = "Translators do not know each other"
NO_IO = "The core does no I/O"
NO_DRIVERS = "Handlers know neither the broker nor the drivers"
APART = "Services do not know each other's handlers"
ONE_STORE = "Only the store knows the drivers"
ONE_BROKER = "Only messaging knows FastStream's broker"
NO_SUCH_MODULE = "nowhere.py"

CROSSINGS = [
    (HOUSE, "errors.py", "import hub.seams"),
    (HOUSE, "seams.py", "import hub.canonical"),
    (HOUSE, "canonical/order.py", "import hub.domain"),
    (HOUSE, "domain/pricing.py", "import hub.store"),
    (HOUSE, "translators/pos/receipt.py", "from hub import domain"),
    (HOUSE, "store/outbox.py", "import hub.handlers"),
    (HOUSE, "handlers/order.py", "from hub.messaging import broker"),
    (HOUSE, "handlers/order.py", "def late():\n    import hub.web"),
    (HOUSE, "connectors/webhook.py", "import hub.messaging"),
    (HOUSE, "messaging/relay.py", "import hub.connectors"),
    (HOUSE, "web/pages.py", "import hub.settings"),
    (HOUSE, "store/outbox.py", "import hub.settings"),
    (HOUSE, "settings.py", "import hub.app"),
    (HOUSE, "app/process.py", "import hub.cli"),
    (HOUSE, NO_SUCH_MODULE, ""),
    (TRANSLATORS, "translators/edifact/orders.py", "import hub.translators.webshop"),
    (TRANSLATORS, "translators/webshop/shopify.py", "from hub.translators.pos import receipt"),
    (TRANSLATORS, "translators/pos/poslog.py", "import hub.translators.edifact"),
    (NO_IO, "domain/pricing.py", "import random"),
    (NO_IO, "domain/allocation.py", "from time import monotonic"),
    (NO_IO, "canonical/order.py", "import sqlalchemy"),
    (NO_IO, "translators/edifact/orders.py", "import socket"),
    (NO_IO, "translators/pos/receipt.py", "import hub.seams"),
    (NO_DRIVERS, "handlers/order.py", "from faststream.rabbit import RabbitBroker"),
    (NO_DRIVERS, "handlers/stock.py", "import sqlite3"),
    (NO_DRIVERS, "handlers/status.py", "import sqlalchemy"),
    (APART, "handlers/stock.py", "from hub.handlers import order"),
    (APART, "handlers/order/again.py", "from hub.handlers.stock import service"),
    (ONE_STORE, "connectors/folder.py", "import sqlite3"),
    (ONE_STORE, "messaging/batch.py", "from sqlalchemy import text"),
    (ONE_BROKER, "store/outbox.py", "import aio_pika"),
    (ONE_BROKER, "web/pages.py", "import faststream"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the package `hub` in the folder, with the contracts in its pyproject.toml."""
    command = [LINTER, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def broken(answer: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the names of the contracts that the linter calls broken."""
    return {line.removesuffix(" BROKEN") for line in answer.stdout.splitlines() if line.endswith(" BROKEN")}


@pytest.fixture
def empty_house(tmp_path: Path) -> Path:
    """Build every module that the contracts name, empty, under the contracts of this repository."""
    (tmp_path / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text())
    (layers,) = [contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"]
    floors = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    rooms = {module.removeprefix("hub.") for contract in CONTRACTS for module in contract.get("modules", [])}
    for name in {"", *floors, *rooms}:
        package = tmp_path / "hub" / name.replace(".", "/")
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    return tmp_path


def write(house: Path, module: str, text: str = "") -> None:
    """Write a module of the house; one that is a package already gets the text as its `__init__`."""
    package = house / "hub" / module.removesuffix(".py")
    file = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    file.write_text(text)


def test_the_contracts_hold_in_this_repository() -> None:
    answer = lint(REPOSITORY)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in answer.stdout


def test_every_contract_has_a_crossing_that_it_catches() -> None:
    assert {contract for contract, _, _ in CROSSINGS} == {contract["name"] for contract in CONTRACTS}


def test_every_service_is_kept_apart() -> None:
    (apart,) = [contract["modules"] for contract in CONTRACTS if contract["name"] == APART]
    assert sorted(apart) == sorted(f"hub.handlers.{one.name}" for one in ALL)


def test_every_crossing_is_of_a_module_that_there_is() -> None:
    missing = {module for _, module, _ in CROSSINGS if not _is_there(module)}
    assert missing == {NO_SUCH_MODULE}


def _is_there(module: str) -> bool:
    path = REPOSITORY / "hub" / module
    return path.exists() or path.with_suffix("").is_dir()


def test_an_empty_house_keeps_every_contract(empty_house: Path) -> None:
    answer = lint(empty_house)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(("contract", "module", "text"), CROSSINGS)
def test_whoever_crosses_a_boundary_is_caught(empty_house: Path, contract: str, module: str, text: str) -> None:
    write(empty_house, module, text)
    answer = lint(empty_house)
    assert answer.returncode != 0
    assert contract in broken(answer), answer.stdout
