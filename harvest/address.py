"""Where a link leads from the page it stands on, and which network addresses a name may lead us to."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urljoin

from harvest.records import HarvestError

Network: TypeAlias = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# ``is_global`` of Python 3.11 and 3.13 calls most of these global; outside 2000::/3 no IPv6 address is handed out.
_SPECIAL = tuple(
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "2001::/32", "2002::/16", "3fff::/20")
)


def absolute(base: str, address: str) -> str:
    """``address`` as seen from the page ``base``; as it came when it is no address: one bad link is its own
    record's trouble."""
    if address.startswith(("https://", "http://")):
        return address
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def networks(allow: Iterable[str]) -> tuple[Network, ...]:
    """The networks of a setting such as ``["127.0.0.0/8"]``. Raises ``HarvestError`` for what is none."""
    try:
        return tuple(ip_network(network) for network in allow)
    except ValueError as error:
        raise HarvestError(f"allow names something that is no network: {error}; write it like 127.0.0.0/8") from error


def is_allowed(address: str, allow: Sequence[Network]) -> bool:
    """Whether the settings name this address, whatever it is."""
    plain = _plain(address)
    return any(plain in network for network in allow)


def is_public(address: str) -> bool:
    """Whether the address is one of the open net.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as what it is; tunnels (6to4, Teredo) are refused
    whole, since what lies behind them cannot be seen.
    """
    plain = _plain(address)
    if isinstance(plain, IPv6Address) and plain not in _GLOBAL_UNICAST:
        return False
    return plain.is_global and not plain.is_multicast and not any(plain in network for network in _SPECIAL)


def _plain(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip
