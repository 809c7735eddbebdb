"""Destinations: the addresses of other services, and which of them this one may send to.

Only public addresses are, so that no order makes the service reach what only its own network can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, HttpUrl

_DEFAULT_PORTS = (("http", 80), ("https", 443))
_PORTS = (80, 443)
_FIRST_FREE_PORT = 1024
"""Below it are services, such as SMTP, that might take a request for words of their own."""
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".invalid")
_GLOBAL_UNICAST = ip_network("2000::/3")  # RFC 4291, section 2.4
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_NOT_PUBLIC = [
    ip_network("168.63.129.16/32"),  # what Azure tells its machines, at a global address
    ip_network("192.0.0.0/24"),  # IETF protocol assignments, which Python 3.11 counts as global
    ip_network("192.88.99.0/24"),  # relays of 6to4, RFC 7526
    ip_network("2002::/16"),  # 6to4
    ip_network("3fff::/20"),  # for documentation, RFC 9637
]


def _check_parts(url: HttpUrl) -> HttpUrl:
    if url.username or url.password:
        raise ValueError("must have no user name or password")
    if url.fragment:
        raise ValueError("must have no part after #")
    return url


WebUrl = Annotated[HttpUrl, AfterValidator(_check_parts)]
"""An http or https URL, with its host as browsers read it: `0x7f.1` becomes 127.0.0.1."""


@dataclass(frozen=True)
class Destination:
    """Where a request goes: `host` is a name, or an address without brackets.

    `target` is the path with the query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def from_url(cls, url: HttpUrl) -> Self:
        """Return the parts of a URL."""
        assert url.host
        assert url.port
        query = "" if url.query is None else f"?{url.query}"
        return cls(url.scheme, url.host.strip("[]"), url.port, f"{url.path or '/'}{query}")

    @property
    def name(self) -> str:
        """The host as names are compared: without the dot that may end it."""
        return self.host.removesuffix(".").lower()

    @property
    def authority(self) -> str:
        """The host and port as the header Host has them (RFC 9110, section 7.2)."""
        port = "" if (self.scheme, self.port) in _DEFAULT_PORTS else f":{self.port}"
        return f"{self._bracketed}{port}"

    @property
    def _bracketed(self) -> str:
        return f"[{self.name}]" if ":" in self.name else self.name

    def is_among(self, hosts: Sequence[str]) -> bool:
        """Tell whether a list of hosts has this one: `name`, `name:port` or `.domain`."""
        names = (self._bracketed, f"{self._bracketed}:{self.port}")
        return any(
            entry in names or (entry.startswith(".") and f".{self.name}".endswith(entry))
            for entry in map(str.lower, hosts)
        )


def explain_refusal(destination: Destination) -> str | None:
    """Return why a destination is refused whatever its name resolves to, None if it is not."""
    if destination.port not in _PORTS and destination.port < _FIRST_FREE_PORT:
        return f"the port {destination.port} is not allowed: use 443, 80, or one from 1024"
    name = destination.name
    address = _parse_address(name)
    if address and not is_public(address):
        return f"{name} is no public address"
    if not address and ("." not in name or name.endswith(_LOCAL_SUFFIXES)):
        return f"{name} is no public name"
    return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is a global unicast one.

    Of an IPv6 address that stands for an IPv4 one (mapped, or NAT64), the latter decides. Those of
    6to4 and Teredo, which also have one inside, are never public.
    """
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address not in _GLOBAL_UNICAST:
            return False
    is_reserved = address.is_multicast or address.is_reserved
    is_listed = any(address in network for network in _NOT_PUBLIC)
    return address.is_global and not is_reserved and not is_listed


def _parse_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
