"""Which addresses may be visited, and that the guard on the wire asks."""

import httpcore
import pytest

from harvest.address import is_allowed, is_public, networks
from harvest.records import HarvestError
from harvest.wire import AddressRefused, Deadline, GuardedBackend, NameUnknown

SPECIAL = """
0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.8.9.1 169.254.169.254 172.16.0.1 192.0.0.1 192.0.0.8 192.0.2.1 192.88.99.1
192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::
2002:808:808::1 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1
""".split()  # noqa: SIM905 - a table
PUBLIC = ["8.8.8.8", "193.166.3.1", "2001:708::1", "2a00:1450:400f::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_net_is_public(address: str) -> None:
    assert is_public(address)


def test_a_setting_allows_its_network_and_nothing_else() -> None:
    allow = networks(["127.0.0.0/8"])
    assert is_allowed("127.0.0.1", allow)
    assert is_allowed("::ffff:127.0.0.1", allow)
    assert not is_allowed("10.0.0.1", allow)
    assert not is_allowed("::1", allow)


def test_a_setting_that_is_no_network_is_refused_by_name() -> None:
    with pytest.raises(HarvestError, match="localhost"):
        networks(["localhost"])


class Wire(httpcore.NetworkBackend):
    """Connects to nothing and remembers where to."""

    def __init__(self) -> None:
        self.connected: list[str] = []

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):  # type: ignore[no-untyped-def]
        self.connected.append(host)
        if host == "8.8.4.4":
            raise httpcore.ConnectError("no one is there")
        return httpcore.NetworkStream()


def guarded(*addresses: str) -> tuple[GuardedBackend, Wire]:
    wire = Wire()
    backend = GuardedBackend(
        allow=networks(["127.0.0.0/8"]), deadline=Deadline(), resolve=lambda host, port: list(addresses), inner=wire
    )
    return backend, wire


def test_the_wire_connects_to_the_checked_address_and_never_to_the_name() -> None:
    backend, wire = guarded("8.8.8.8")
    backend.connect_tcp("example.fi", 443)
    assert wire.connected == ["8.8.8.8"]


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    backend, wire = guarded("8.8.8.8", "10.0.0.1")
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        backend.connect_tcp("example.fi", 443)
    assert wire.connected == []


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    backend, wire = guarded("8.8.4.4", "8.8.8.8")
    backend.connect_tcp("example.fi", 80)
    assert wire.connected == ["8.8.4.4", "8.8.8.8"]


def test_only_ports_80_and_443_are_open_outside_the_allowed_networks() -> None:
    backend, _ = guarded("8.8.8.8")
    with pytest.raises(AddressRefused, match="8080"):
        backend.connect_tcp("example.fi", 8080)
    allowed, wire = guarded("127.0.0.1")
    allowed.connect_tcp("pocket", 8080)
    assert wire.connected == ["127.0.0.1"]


def test_a_name_without_an_address_is_unknown() -> None:
    backend, _ = guarded()
    with pytest.raises(NameUnknown):
        backend.connect_tcp("example.fi", 443)


def test_a_socket_of_this_machine_is_not_visited() -> None:
    backend, _ = guarded("8.8.8.8")
    with pytest.raises(AddressRefused):
        backend.connect_unix_socket("anything")
