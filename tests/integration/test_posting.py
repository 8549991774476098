"""A POST reaches the judged address under the name that the certificate must prove."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.connectors.posting import Poster, client
from hub.connectors.targets import Targets
from hub.errors import TemporaryError
from tests.listener import Listener


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a certificate, with its key in the same file, for orders.example."""
    key, found = tmp_path / "key.pem", tmp_path / "both.pem"
    subject = ["-subj", "/CN=orders.example", "-addext", "subjectAltName=DNS:orders.example"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", found]
    subprocess.run([*made, *subject], check=True, capture_output=True)
    found.write_bytes(found.read_bytes() + key.read_bytes())
    return found


@asynccontextmanager
async def secure(listener: Listener, certificate: Path) -> AsyncIterator[list[str | None]]:
    """Let the listener speak TLS, and yield the names under which it is asked for."""
    names: list[str | None] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0, ssl=context)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield names
    finally:
        server.close()
        await server.wait_closed()


async def here(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


async def test_the_name_of_the_url_is_in_the_handshake_and_in_the_host_header(certificate: Path) -> None:
    listener, trust = Listener(), ssl.create_default_context(cafile=certificate)
    async with secure(listener, certificate) as names, client(trust=trust) as http:
        poster = Poster(http, Targets(allow_private=True, resolve=here))
        await poster.post(f"https://orders.example:{listener.port}/in", b"UNB", {})
    assert names == ["orders.example"]
    assert listener.requests[0].headers["host"] == f"orders.example:{listener.port}"


async def test_a_certificate_of_another_name_is_not_taken(certificate: Path) -> None:
    listener, trust = Listener(), ssl.create_default_context(cafile=certificate)
    async with secure(listener, certificate), client(trust=trust) as http:
        poster = Poster(http, Targets(allow_private=True, resolve=here))
        with pytest.raises(TemporaryError, match="ConnectError"):
            await poster.post(f"https://somebody.example:{listener.port}/in", b"UNB", {})
    assert listener.requests == []
