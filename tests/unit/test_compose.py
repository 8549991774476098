"""The production set-up, read as text: no container engine is needed to see that it is confined and complete."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.messaging.topology import GRACEFUL_TIMEOUT
from hub.settings import Settings, load, variable_of

REPOSITORY = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_THE_HUB = ("migrate", "web", "worker")
LONG_RUNNING = ("database", "broker", "web", "worker")
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")
STAGES = [stage for stage in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE) if stage.startswith("FROM ")]
SETTINGS = {variable_of(field) for field in Settings.model_fields}


def instructions(stage: str, name: str) -> list[str]:
    """Return the arguments of every instruction of that name in a stage of the Dockerfile."""
    return re.findall(rf"^{name}\s+(.+)$", stage, flags=re.MULTILINE)


def settings_named(names: list[str]) -> set[str]:
    """Return the settings that these variables set, directly or by a file."""
    return {name.removesuffix("_FILE") for name in names if name.startswith("HUB_")}


def test_the_services_are_the_two_servers_a_job_and_our_processes() -> None:
    assert set(SERVICES) == {"database", "broker", "migrate", "web", "worker"}
    assert [SERVICES[name]["command"] for name in OF_THE_HUB] == [["migrate"], ["web"], ["worker"]]
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(":size=" in entry for entry in service["tmpfs"])
    assert int(service["user"].split(":")[0]) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert float(limits["cpus"]) > 0
    assert re.fullmatch(r"\d+[mg]", limits["memory"])
    assert limits["pids"] > 0
    assert SERVICES[name]["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_process_that_stays_has_a_health_check_and_comes_back(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize(("name", "variable"), [("web", "HUB_PORT"), ("worker", "HUB_WORKER_ADDRESS")])
def test_our_processes_are_asked_where_they_listen(name: str, variable: str) -> None:
    port = SERVICES[name]["environment"][variable].rpartition(":")[2]
    assert f"http://127.0.0.1:{port}/" in SERVICES[name]["healthcheck"]["test"][-1]


def test_the_migration_job_runs_once() -> None:
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_process_has_time_to_stop_in_order(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "40s"
    assert GRACEFUL_TIMEOUT < 40


@pytest.mark.parametrize("name", ["web", "worker"])
def test_our_processes_start_after_healthy_servers_and_finished_migrations(name: str) -> None:
    assert {on: how["condition"] for on, how in SERVICES[name]["depends_on"].items()} == {
        "database": "service_healthy",
        "broker": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_only_the_web_port_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_the_servers_are_reached_from_inside_alone() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert {name for name, service in SERVICES.items() if service["networks"] == ["inside"]} == {
        "database",
        "broker",
        "migrate",
    }


def test_what_must_last_lies_in_a_volume() -> None:
    mounted = {entry.split(":")[0] for service in SERVICES.values() for entry in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])
    assert SERVICES["broker"]["hostname"] == "broker"


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_of_a_named_version(name: str) -> None:
    assert re.search(r":\d+[\w.-]*$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", OF_THE_HUB)
def test_every_variable_is_a_setting(name: str) -> None:
    variables = list(SERVICES[name]["environment"])
    assert settings_named(variables) == {*variables, "HUB_DATABASE_URL", "HUB_BROKER_URL"} - {
        "HUB_DATABASE_URL_FILE",
        "HUB_BROKER_URL_FILE",
    }
    assert settings_named(variables) <= SETTINGS


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            secret = variable.endswith("_FILE")
            assert secret or not re.search("PASSWORD|SECRET|URL", variable)
            assert not secret or Path(value).name in service["secrets"]


def test_the_secrets_that_the_script_writes_are_those_that_the_services_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([REPOSITORY / "scripts/secrets", folder], check=True, capture_output=True, timeout=30)
    written = {file.name: file.read_text() for file in folder.iterdir()}
    assert {f"secrets/{name}" for name in written} == {entry["file"] for entry in COMPOSE["secrets"].values()}
    assert folder.stat().st_mode & 0o077 == 0
    for variable, path in SERVICES["web"]["environment"].items():
        monkeypatch.setenv(variable, str(folder / Path(path).name) if variable.endswith("_FILE") else path)
    settings = load()
    assert settings.database_url == f"postgresql://hub:{written['postgres_password']}@database/hub"
    (password,) = re.findall("default_pass = (.+)", written["rabbitmq_user"])
    assert settings.broker_url == f"amqp://hub:{password}@broker/hub"


def test_secrets_are_written_once(tmp_path: Path) -> None:
    write = [REPOSITORY / "scripts/secrets", tmp_path / "secrets"]
    subprocess.run(write, check=True, capture_output=True, timeout=30)
    written = (tmp_path / "secrets/broker_url").read_text()
    subprocess.run(write, check=True, capture_output=True, timeout=30)
    assert (tmp_path / "secrets/broker_url").read_text() == written


def test_the_image_runs_as_the_user_of_the_compose_file() -> None:
    assert instructions(STAGES[-1], "USER") == ["10001:10001"]
    assert {SERVICES[name]["user"] for name in OF_THE_HUB} == {"10001:10001"}


def test_the_image_brings_its_own_health_check_and_stops_in_order() -> None:
    (check,) = instructions(STAGES[-1], "HEALTHCHECK")
    command = json.loads(check.partition("CMD")[2])
    assert command == SERVICES["web"]["healthcheck"]["test"][1:]
    assert instructions(STAGES[-1], "STOPSIGNAL") == ["SIGTERM"]


def test_the_image_has_a_named_python_and_no_build_tools() -> None:
    assert len(STAGES) == 2
    assert {re.match(r"FROM python:3\.11\.\d+-slim-\w+", stage) is not None for stage in STAGES} == {True}
    assert not re.search(r"apt-get|gcc|build-essential|pip install", STAGES[-1])
    assert "pip uninstall" in STAGES[-1]


def test_every_variable_of_the_image_is_a_setting() -> None:
    assert settings_named(re.findall(r"(HUB_\w+)=", STAGES[-1])) <= SETTINGS


def test_the_image_holds_what_the_wheel_needs_and_nothing_else() -> None:
    kept = {line.lstrip("!") for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    copied = {source for line in instructions(STAGES[0], "COPY") for source in line.split()[:-1]}
    assert kept == copied
    assert all((REPOSITORY / source).exists() for source in copied)
