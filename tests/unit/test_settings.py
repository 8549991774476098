"""Settings: defaults that work, variables and files that set them, errors that keep secrets."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.errors import Unusable
from hub.settings import Settings, load, variable_of

REPOSITORY = Path(__file__).parents[2]
GUIDES = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        for variable in (variable_of(field), f"{variable_of(field)}_FILE"):
            monkeypatch.delenv(variable, raising=False)


def test_without_any_variable_the_hub_is_embedded_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load()
    assert settings.data_dir == tmp_path / "hub-data"
    assert settings.database_url == f"sqlite:///{tmp_path}/hub-data/hub.db"
    assert settings.on_sqlite
    assert settings.on_embedded_broker


def test_two_addresses_are_the_whole_step_to_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "postgresql://hub:x@db/hub")
    monkeypatch.setenv("HUB_BROKER_URL", "amqp://hub:x@mq/hub")
    settings = load()
    assert not settings.on_sqlite
    assert not settings.on_embedded_broker


def test_sqlite_lives_in_the_data_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path))
    assert load().database_url == f"sqlite:///{tmp_path}/hub.db"


def test_services_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_SERVICES", "order, stock,")
    assert load().services == ("order", "stock")
    assert load(services=("invoice",)).services == ("invoice",)


def test_the_command_line_goes_before_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT", "1234")
    assert load().port == 1234
    assert load(port=4321).port == 4321


@pytest.mark.parametrize("address", ["8081", ":8081", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "host:port"])
def test_a_workers_address_names_a_host_and_a_port(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_WORKER_ADDRESS", address)
    with pytest.raises(Unusable, match="HUB_WORKER_ADDRESS: must be host:port"):
        load()


@pytest.mark.parametrize("field", ["database_url", "broker_url", "data_dir", "services"])
def test_any_setting_may_come_from_a_file(field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"database_url": "postgresql://hub:s@db/hub", "broker_url": "amqps://hub:s@mq/", "data_dir": "/srv/hub"}
    file = tmp_path / "secret"
    file.write_text(f"{texts.get(field, 'order')}\n")
    monkeypatch.setenv(f"{variable_of(field)}_FILE", str(file))
    expected = {"data_dir": Path("/srv/hub"), "services": ("order",)}
    assert getattr(load(), field) == expected.get(field, texts.get(field))


def test_a_secret_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_BROKER_URL", "memory://")
    monkeypatch.setenv("HUB_BROKER_URL_FILE", str(tmp_path / "secret"))
    with pytest.raises(Unusable, match="HUB_BROKER_URL and HUB_BROKER_URL_FILE are both set"):
        load()


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_BROKER_URL_FILE", str(tmp_path / "absent"))
    with pytest.raises(Unusable, match=r"HUB_BROKER_URL_FILE: .*absent cannot be read"):
        load()


def test_everything_that_is_wrong_is_told_at_once_and_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", "mysql://hub:verysecret@db/hub")
    monkeypatch.setenv("HUB_PORT", "70000")
    with pytest.raises(Unusable) as caught:
        load()
    assert str(caught.value).splitlines() == [
        "HUB_DATABASE_URL: must begin with one of sqlite:///, postgresql://",
        "HUB_PORT: Input should be less than or equal to 65535",
    ]


def test_addresses_with_passwords_are_not_printed() -> None:
    settings = load(database_url="postgresql://hub:verysecret@db/hub", broker_url="amqp://hub:verysecret@mq/")
    assert "verysecret" not in f"{settings!r} {settings!s}"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load().port = 1  # type: ignore[misc]


def test_limits_are_those_of_the_doors() -> None:
    settings = load()
    limits = (
        settings.limit_edi_bytes,
        settings.limit_json_bytes,
        settings.limit_xml_bytes,
        settings.limit_folder_bytes,
    )
    assert limits == (32_000_000, 5_000_000, 20_000_000, 2_000_000_000)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_variable_that_a_guide_names_is_a_setting(guide: Path) -> None:
    named = {name.removesuffix("_FILE") for name in re.findall(r"HUB_[A-Z][A-Z_]*", guide.read_text())}
    assert named <= {variable_of(field) for field in Settings.model_fields}
