"""Where the host of a webhook leads: every address of its name, and whether each lies in the public internet.

A name of somebody else's may lead into the desk's own network, on purpose or after it has changed. So one address that is not public
blocks the call. The blocked networks are those of the IANA registries for special purposes, whole, also where an entry says that it can be
reached: nothing that takes webhooks lives there. An address that is public and yet inside the own network cannot be told apart here.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, ClassVar

from core.config.problems import printable
from data.errors import DeskError

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network
SocketAddress = tuple[str, int] | tuple[str, int, int, int]
Address = tuple[socket.AddressFamily, SocketAddress]
Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""A function that answers as `socket.getaddrinfo` does."""

NOT_PUBLIC_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by customers of a provider
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # in no registry: inside Azure it is the machine that runs this one
            "169.254.0.0/16",  # this link, and the metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocols of the IETF
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # relays of 6to4, given up
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
PUBLIC_V6 = IPv6Network("2000::/3")
"""All that IANA gives out as unicast. Loopback, private, link-local, multicast, IPv4-mapped and reserved ones lie outside."""
NOT_PUBLIC_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols of the IETF, Teredo and ORCHID among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: holds any IPv4 address, and is given up
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
NAT64 = IPv6Network("64:ff9b::/96")
"""How a network without IPv4 reaches IPv4: the last 32 bits are the address, which is judged in its place."""


class WebhookFailed(DeskError):
    """The webhook at {server} was not delivered: {reason}"""

    permanent: ClassVar[bool] = True
    """Whether the same call will fail again, so that trying again is of no use."""


class WebhookBlocked(WebhookFailed):
    """The webhook at {server} is not called: {reason}"""


class WebhookUnavailable(WebhookFailed):
    """The webhook at {server} could not be delivered now: {reason}"""

    permanent = False

    def __init__(self, *, retry_after_s: int | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.retry_after_s = retry_after_s  # as the server asked, at most an hour


def public_addresses(
    host: str, port: int, *, resolve: Resolve = socket.getaddrinfo, permitted: Collection[IpNetwork] = ()
) -> list[Address]:
    """Return every address that a host has, ready to connect to, in the resolver's order.

    Args:
        host: a name or an address, as `core.webhooks.Target` has it.
        port: where to connect.
        resolve: asked once.
        permitted: networks that an admin allowed although they are not public.

    Raises:
        WebhookBlocked: one of them is neither public nor permitted.
        WebhookUnavailable: the name has none now.
    """
    server = printable(host)
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = printable(getattr(error, "strerror", None) or str(error))
        raise WebhookUnavailable(server=server, reason=f"its name could not be resolved ({reason}).") from error
    addresses: list[Address] = []
    for *_, place in found:
        address = _address(place)
        if address is None or not _may_be_called(address, permitted):
            reason = (
                f"it leads to {printable(str(place[0]))}, which is not in the public internet. "
                "If that is meant, an admin can permit its network."
            )
            raise WebhookBlocked(server=server, reason=reason)
        # Built from what was checked, so that nothing else of the answer decides where the call goes.
        if isinstance(address, IPv4Address):
            addresses.append((socket.AF_INET, (str(address), port)))
        else:
            addresses.append((socket.AF_INET6, (str(address), port, 0, 0)))
    if not addresses:
        raise WebhookUnavailable(server=server, reason="its name has no address.")
    return list(dict.fromkeys(addresses))


def is_public(address: IpAddress) -> bool:
    """Say whether an address lies in the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_V4)
    if address.scope_id is not None:
        return False
    if address in NAT64:
        return is_public(_behind_nat64(address))
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def _may_be_called(address: IpAddress, permitted: Collection[IpNetwork]) -> bool:
    if is_public(address):
        return True
    meant = _behind_nat64(address) if isinstance(address, IPv6Address) and address in NAT64 else address
    return any(address in network or meant in network for network in permitted)


def _behind_nat64(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)


def _address(place: Sequence[Any]) -> IpAddress | None:
    """Return the address that a resolver gave; None for one of a single interface, or of another family."""
    try:
        address = ip_address(str(place[0]))
    except ValueError:
        return None
    scoped = isinstance(address, IPv6Address) and (address.scope_id is not None or (len(place) > 3 and place[3] != 0))
    return None if scoped else address
