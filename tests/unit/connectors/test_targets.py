import asyncio
import threading
from typing import Any

import pytest

from hub.connectors import targets
from hub.connectors.targets import Targets, is_public
from hub.errors import TemporaryError, Unusable

PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> Targets:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return Targets(resolve=resolve)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "fec0::1",
        "::ffff:0:127.0.0.1",
        "5f00::1",
        "3fff::1",
    ],
)
def test_no_address_that_leads_inside_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


async def test_the_judged_address_is_connected_to_under_the_name_of_the_url() -> None:
    target = await resolving(PUBLIC).of("https://Orders.example:8443/in?x=1")
    assert str(target.url) == f"https://{PUBLIC}:8443/in?x=1"
    assert (target.host, target.server_name) == ("orders.example:8443", "orders.example")


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Unusable, match="not a public address"):
        await resolving(PUBLIC, "10.0.0.1").of("https://orders.example/")


@pytest.mark.parametrize(
    "url",
    [
        "http://orders.example/",
        "https://orders.example:22/",
        "https://user:secret@orders.example/",
        "ftp://orders.example/",
        "file:///etc/passwd",
        "https:///nothing",
        "orders.example",
        "https://orders.example:99999/",
    ],
)
async def test_urls_of_another_form_are_refused(url: str) -> None:
    with pytest.raises(Unusable):
        await resolving(PUBLIC).of(url)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
async def test_however_a_loopback_address_is_spelled_it_is_found_out(host: str) -> None:
    with pytest.raises((Unusable, TemporaryError)):
        await Targets().of(f"https://{host}/")


async def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(TemporaryError):
        await Targets(resolve=resolve).of("https://orders.example/")


async def test_a_name_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "RESOLVE_SECONDS", 0.01)

    async def resolve(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(TemporaryError, match="was not resolved"):
        await Targets(resolve=resolve).of("https://orders.example/")


async def test_names_are_resolved_in_threads_that_no_door_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []

    def ask(*_: object, **__: object) -> list[Any]:
        threads.append(threading.current_thread().name)
        return []

    monkeypatch.setattr("socket.getaddrinfo", ask)
    assert await targets.lookup("orders.example", 443) == []
    assert threads[0].startswith("resolver")


async def test_private_targets_may_be_allowed_for_development() -> None:
    target = await Targets(allow_private=True).of("http://127.0.0.1:8025/hook")
    assert str(target.url) == "http://127.0.0.1:8025/hook"
