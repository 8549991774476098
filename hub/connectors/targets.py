"""Where the hub may post to: names are resolved once, every address is judged, and the judged one is connected to.

A URL comes from an agreement, so it is somebody else's wish. Without this check it could
make the hub speak to its own database, or to a cloud's metadata service. The name stays
in `Host` and in the TLS handshake; a second resolution, which could give another address,
never happens. Redirects are not followed by any sender.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

import httpx2

from hub.errors import TemporaryError, Unusable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

PORTS = frozenset({443, 8443})
RESOLVE_SECONDS = 4.0
"""With the longest attempt to post this stays within the lease of a claim."""
_RESOLVERS = ThreadPoolExecutor(8, thread_name_prefix="resolver")
_REFUSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "3fff::/20",
    )
)
"""What Python calls global, or may, and yet leads inside: carrier NAT, NAT64, 6to4, Teredo, IPv4-compatible."""
_UNICAST = ip_network("2000::/3")
"""All of IPv6 that is given out in the Internet; site-local and translated addresses lie outside."""


class Target(NamedTuple):
    """A URL whose host is the address that was judged; `host` is the name for the Host header and for TLS."""

    url: httpx2.URL
    host: str
    server_name: str


async def lookup(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system resolves it.

    In threads of its own: a name server that never answers must not hold those of the doors.
    """
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Tell whether an address is out in the Internet, whatever form it is written in."""
    judged = ip_address(address.partition("%")[0])
    if isinstance(judged, IPv6Address) and judged.ipv4_mapped is not None:
        judged = judged.ipv4_mapped
    inside = any(judged in network for network in _REFUSED if network.version == judged.version)
    if isinstance(judged, IPv6Address) and judged not in _UNICAST:
        return False
    return judged.is_global and not judged.is_multicast and not inside


@dataclass(frozen=True)
class Targets:
    """Judges URLs. `allow_private` lets them be http, on any port and at private addresses: for development only."""

    allow_private: bool = False
    resolve: Resolve = lookup

    async def of(self, url: str) -> Target:
        """Return where to connect to for a URL.

        Raises Unusable where we must not post to it, TemporaryError where its name does not resolve now.
        """
        wanted = _parsed(url)
        port = wanted.port or (443 if wanted.scheme == "https" else 80)
        if not self.allow_private:
            _check_form(wanted, port)
        address = await self._address(wanted.host, port)
        host = wanted.netloc.decode("ascii")
        return Target(wanted.copy_with(host=address), host, wanted.raw_host.decode("ascii"))

    async def _address(self, host: str, port: int) -> str:
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                addresses = await self.resolve(host, port)
        except TimeoutError as error:
            raise TemporaryError(f"{host} was not resolved within {RESOLVE_SECONDS:.0f} s") from error
        except OSError as error:
            raise TemporaryError(f"{host} does not resolve: {error}") from error
        if not addresses:
            raise TemporaryError(f"{host} has no address")
        forbidden = [address for address in addresses if not self.allow_private and not is_public(address)]
        if forbidden:
            raise Unusable(f"{host} leads to {forbidden[0]}, which is not a public address")
        return addresses[0]


def _parsed(url: str) -> httpx2.URL:
    try:
        wanted = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise Unusable(f"not a URL: {error}") from error
    if wanted.scheme not in {"http", "https"} or not wanted.host or wanted.userinfo:
        raise Unusable("a URL to post to is https://host/path, without user or password")
    return wanted


def _check_form(wanted: httpx2.URL, port: int) -> None:
    if wanted.scheme != "https":
        raise Unusable(f"{wanted.host}: only https is posted to")
    if port not in PORTS:
        raise Unusable(f"{wanted.host}: port {port} is not posted to, only {', '.join(map(str, sorted(PORTS)))}")
