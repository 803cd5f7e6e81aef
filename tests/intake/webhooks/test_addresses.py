"""Where a name may lead: the public internet and what an admin permitted, and not one address beside them."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.webhooks.addresses import IpNetwork, WebhookBlocked, WebhookUnavailable, is_public, public_addresses

# The registries of IANA for special purposes, and of multicast and reserved space, as they were in October 2025.
REGISTERED_V4 = [
    *("0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32"),
    *("192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
    *("192.88.99.2/32", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("240.0.0.0/4", "255.255.255.255/32", "224.0.0.0/4"),
]
REGISTERED_V6 = [
    *("::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
    *("2001::/23", "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48"),
    *("2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32"),
    *("2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10"),
    *("fec0::/10", "ff00::/8", "::/96"),
]
BESIDE_REGISTRIES = IPv4Network("168.63.129.16/32")
NAT64 = int(IPv6Address("64:ff9b::"))


def _resolver(*addresses: str, scope: int = 0) -> Any:
    """A resolver that gives these addresses to every name."""

    def resolve(host: str, port: int, **_: object) -> Sequence[tuple[Any, ...]]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (each, port, 0, scope))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    return resolve


def _registered_v4(address: IPv4Address) -> bool:
    return address in BESIDE_REGISTRIES or any(address in IPv4Network(network) for network in REGISTERED_V4)


@pytest.mark.parametrize("network", REGISTERED_V4 + REGISTERED_V6)
def test_the_ends_of_every_registered_network_are_blocked(network: str) -> None:
    whole = ip_network(network)
    for address in (whole[0], whole[-1]):
        with pytest.raises(WebhookBlocked, match="not in the public internet") as caught:
            public_addresses("hooks.example.org", 443, resolve=_resolver(str(address)))
        assert caught.value.permanent


@settings(deadline=None)
@given(st.sampled_from(REGISTERED_V4 + REGISTERED_V6).flatmap(lambda network: st.ip_addresses(network=network)))
def test_every_registered_address_is_blocked(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
@example(IPv4Address("8.8.8.8"))
@example(IPv4Address("100.63.255.255"))
@example(IPv4Address("172.32.0.0"))
@example(IPv4Address("223.255.255.255"))
def test_every_other_ipv4_address_is_public(address: IPv4Address) -> None:
    assert is_public(address) is not _registered_v4(address)


@settings(deadline=None)
@given(st.integers(int(IPv6Address("2000::")), int(IPv6Address("3fff:ffff::"))).map(IPv6Address))
@example(IPv6Address("2606:4700::1111"))
@example(IPv6Address("2001:200::"))
@example(IPv6Address("2003::"))
def test_every_other_ipv6_address_that_is_given_out_is_public(address: IPv6Address) -> None:
    assert is_public(address) is not any(address in IPv6Network(network) for network in REGISTERED_V6)


@settings(deadline=None)
@given(st.one_of(st.integers(0, 2**125 - 1), st.integers(2**126, 2**128 - 1)).map(IPv6Address))
def test_no_ipv6_address_outside_what_is_given_out_is_public(address: IPv6Address) -> None:
    assert not is_public(address) or address in IPv6Network("64:ff9b::/96")


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
@example(IPv4Address("127.0.0.1"))
@example(IPv4Address("8.8.8.8"))
def test_an_ipv4_address_inside_an_ipv6_address_hides_nothing(inner: IPv4Address) -> None:
    embedded = int(inner)
    assert is_public(IPv6Address(NAT64 | embedded)) is not _registered_v4(inner)
    mapped, compatible = IPv6Address(0xFFFF << 32 | embedded), IPv6Address(embedded)
    local_nat64 = IPv6Address(int(IPv6Address("64:ff9b:1::")) | embedded)
    six_to_four = IPv6Address(0x2002 << 112 | embedded << 80)
    teredo = IPv6Address(0x20010000 << 96 | (embedded ^ 0xFFFFFFFF))
    assert not any(map(is_public, (mapped, compatible, local_nat64, six_to_four, teredo)))


def test_one_private_address_among_public_ones_blocks_the_name() -> None:
    with pytest.raises(WebhookBlocked, match=r"leads to 169\.254\.169\.254"):
        public_addresses("hooks.example.org", 443, resolve=_resolver("8.8.8.8", "2606:4700::1111", "169.254.169.254"))


def test_public_addresses_come_in_the_resolvers_order_and_once() -> None:
    found = public_addresses("hooks.example.org", 443, resolve=_resolver("2606:4700::1111", "8.8.8.8", "8.8.8.8"))
    assert found == [
        (socket.AF_INET6, ("2606:4700::1111", 443, 0, 0)),
        (socket.AF_INET, ("8.8.8.8", 443)),
    ]


def test_a_permitted_network_is_no_further_than_it_says() -> None:
    permitted: set[IpNetwork] = {IPv4Network("10.0.5.0/24"), IPv6Network("fd00:5::/64")}
    for address in ("10.0.5.1", "fd00:5::1", "64:ff9b::10.0.5.1", "8.8.8.8"):
        assert public_addresses("hooks.example.org", 443, resolve=_resolver(address), permitted=permitted)
    for address in ("10.0.6.1", "127.0.0.1", "fd00:6::1", "::ffff:10.0.5.1", "2002:0a00:0501::1"):
        with pytest.raises(WebhookBlocked):
            public_addresses("hooks.example.org", 443, resolve=_resolver(address), permitted=permitted)


@pytest.mark.parametrize(("address", "scope"), [("fe80::1%eth0", 0), ("2606:4700::1111%2", 0), ("2606:4700::1111", 2)])
def test_an_address_of_one_interface_is_blocked_whatever_is_permitted(address: str, scope: int) -> None:
    with pytest.raises(WebhookBlocked):
        public_addresses(
            "hooks.example.org", 443, resolve=_resolver(address, scope=scope), permitted={IPv6Network("::/0")}
        )


def test_a_resolver_that_answers_nonsense_is_blocked() -> None:
    def resolve(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/\x1b[31mdocker.sock",))]

    with pytest.raises(WebhookBlocked) as caught:
        public_addresses("hooks.example.org", 443, resolve=resolve)
    assert str(caught.value).isprintable()


def test_a_name_without_an_address_may_have_one_later() -> None:
    def unknown(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    for resolve in (unknown, _resolver()):
        with pytest.raises(WebhookUnavailable, match=r"hooks\.example\.org") as caught:
            public_addresses("hooks.example.org", 443, resolve=resolve)
        assert not caught.value.permanent


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "::1", "0"])
def test_the_resolver_of_this_machine_leads_nobody_home(host: str) -> None:
    with pytest.raises((WebhookBlocked, WebhookUnavailable)):
        public_addresses(host, 443)
