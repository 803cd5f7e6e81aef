"""Webhook addresses: which URL the desk may call, decided from its text and the hosts that an admin allowed.

Only the text is looked at here. Where a name leads is checked when it is called, by `intake.webhooks.addresses`; a URL that passes here
can still be blocked there. Messages never quote a whole URL: its path or its user part may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, cast

from core.config.problems import did_you_mean, got, printable
from core.errors import WrongUsage

LONGEST_URL = 2000
USUAL_PORTS = {"https": 443, "http": 80}

_LONGEST_HOST = 253
_MOST_NAMED = 12
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)(.*)")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
_PLACE = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([^:]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_DISPUTED = re.compile("[ßẞς\u200c\u200d]")  # the two standards of international names lead them to different hosts
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TO_ESCAPE = re.compile(r"[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")

Scheme = Literal["https", "http"]


class WebhookRefused(WrongUsage):
    """The desk does not call this webhook: {reason}. {remedy}"""


@dataclass(frozen=True, slots=True)
class Target:
    """What a checked URL leads to."""

    scheme: Scheme
    host: str  # in lower case and ASCII; an IPv6 address without brackets
    port: int
    path: str  # with the query, percent-encoded; begins with /

    @property
    def server(self) -> str:
        """Host and port as a Host header has them: the usual port of the scheme is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An allowed place: one host, or all names below it."""

    target: Target
    below: bool

    def allows(self, target: Target) -> bool:
        """Say whether a target is at this place."""
        mine = self.target
        if (mine.scheme, mine.port) != (target.scheme, target.port):
            return False
        return target.host.endswith(f".{mine.host}") if self.below else target.host == mine.host

    def __str__(self) -> str:
        return _written(self.target, below=self.below)


def target_of(url: str, allowed: Collection[str]) -> Target:
    """Return what a URL leads to, if the desk may call it.

    Args:
        url: as a person or a rule wrote it.
        allowed: the allowed hosts, each as `check_allowed` takes it; what is no entry allows nothing.

    Raises:
        WebhookRefused: the URL is not whole and plain, or its host is not allowed.
    """
    try:
        target = _read_url(url)
    except ValueError as error:
        raise WebhookRefused(reason=str(error), remedy="Write it as https://host/path.") from None
    entries = [entry for text in allowed if (entry := _entry_or_none(text)) is not None]
    if any(entry.allows(target) for entry in entries):
        return target
    written = _written(target)
    known = sorted(map(str, entries))
    named = ", ".join(printable(each) for each in known[:_MOST_NAMED]) + (" …" if len(known) > _MOST_NAMED else "")
    remedy = f"Allowed are {named}." if known else "No host is allowed yet; an admin can allow some."
    if written.startswith("http://") and any(entry.allows(_with_tls(target)) for entry in entries):
        remedy = f"It is allowed with TLS: write https:// in front. {remedy}"
    elif near := did_you_mean(written, known):
        remedy = f"{near} {remedy}"
    what = "an address in numbers that is" if _is_literal(target.host) else "a host that is"
    raise WebhookRefused(reason=f"{printable(written)} is {what} not allowed", remedy=remedy)


def _with_tls(target: Target) -> Target:
    return replace(target, scheme="https", port=443 if target.port == 80 else target.port)


def check_allowed(entry: str) -> str:
    """Return an entry of the allowed hosts in the one form of its meaning: `HOOKS.example.org.:443` is `hooks.example.org`.

    An entry is a host, all names below a host (`*.example.org`), either with a port (`:8443`), and with `http://` in front where calls
    without TLS are meant. Without a port only the usual one of the scheme is allowed.

    Raises:
        ValueError: it is none; the message says why.
    """
    return str(_read_entry(entry))


def _read_url(url: str) -> Target:
    """Read a URL; a ValueError says what is wrong with it, without quoting more of it than the host."""
    if len(url) > LONGEST_URL:
        raise ValueError(f"its address has {len(url)} characters; at most {LONGEST_URL} are taken")
    if _NOT_IN_URL.search(url):
        raise ValueError("its address holds a space, a control character or a backslash")
    if "#" in url:
        raise ValueError("its address has a fragment (what follows a #), which no server would see")
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("its address is not whole")
    scheme, place, rest = found.groups()
    if "@" in place:
        raise ValueError("its address holds a user or a password; give them in a header instead")
    if not rest.isascii():
        raise ValueError("its path holds a character that must be percent-encoded")
    if _BROKEN_ESCAPE.search(rest):
        raise ValueError("its path holds a % without two hexadecimal digits after it; a plain % is written %25")
    scheme = _read_scheme(scheme)
    host, port = _read_place(place)
    path = _TO_ESCAPE.sub(lambda character: f"%{ord(character[0]):02X}", rest)
    return Target(scheme, host, port or USUAL_PORTS[scheme], path if path.startswith("/") else f"/{path}")


def _read_entry(entry: str) -> _Entry:
    if len(entry) > LONGEST_URL:
        raise ValueError(f"an allowed host has at most {_LONGEST_HOST} characters")
    before, colon, place = entry.rpartition("://")
    scheme = _read_scheme(before) if colon else "https"
    if re.search(r"[/?#@\\\s]", place):
        raise ValueError("expected a host such as hooks.example.org, without path, user or space")
    below = place.startswith("*.")
    place = place.removeprefix("*.")
    if "*" in place:
        raise ValueError("* can only stand in front of a host, as in *.example.org")
    host, port = _read_place(place)
    if below and _is_literal(host):
        raise ValueError("* cannot stand in front of an address in numbers")
    if below and "." not in host:
        raise ValueError(
            f"*.{printable(host)} would allow a whole top-level domain; name the domain, as in *.example.org"
        )
    return _Entry(Target(scheme, host, port or USUAL_PORTS[scheme], "/"), below)


def _entry_or_none(text: str) -> _Entry | None:
    try:
        return _read_entry(text)
    except ValueError:
        return None


def _read_scheme(text: str) -> Scheme:
    scheme = text.lower()
    if scheme not in USUAL_PORTS:
        raise ValueError("its address begins neither with https:// nor with http://")
    return cast("Scheme", scheme)


def _read_place(place: str) -> tuple[str, int | None]:
    """Return the host and the port, if one is named. The port is not quoted: it may be a password with its @ forgotten."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise ValueError(
            "its host cannot be told from its port; an IPv6 address stands in brackets, as in [2001:db8::1]"
        )
    host, port = found.groups()
    if port is not None and (not _PORT.fullmatch(port) or int(port) > 65535):
        raise ValueError("its port is not a number from 1 to 65535")
    return _read_host(host), None if port is None else int(port)


def _read_host(text: str) -> str:
    """Return a host in its one form. What could be taken for an address in numbers must be a plain one."""
    if text.startswith("["):
        return _read_ipv6(text[1:-1])
    if not text:
        raise ValueError("its address names no host")
    host = _in_ascii(text).lower().removesuffix(".")
    if len(host) > _LONGEST_HOST or not _NAME.fullmatch(host):
        raise ValueError(f"{got(text)} is no name of a host")
    if not _ENDS_IN_NUMBER.fullmatch(host):
        return host
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise ValueError(f"{got(text)} is an address in an unusual writing; write it as in 192.0.2.1") from None


def _read_ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError:
        raise ValueError(f"[{printable(text)}] is no IPv6 address") from None
    if address.scope_id is not None:
        raise ValueError(f"[{printable(text)}] names an interface of this machine (what follows the %)")
    return str(address)


def _in_ascii(host: str) -> str:
    """Return a host with international labels in their xn-- form."""
    if host.isascii():
        return host
    if len(host) <= _LONGEST_HOST and not _DISPUTED.search(host):
        try:
            return host.encode("idna").decode("ascii")
        except UnicodeError:
            pass
    raise ValueError(f"{got(host)} has no one meaning as a host; write its labels in their xn-- form")


def _is_literal(host: str) -> bool:
    return ":" in host or _ENDS_IN_NUMBER.fullmatch(host) is not None


def _written(target: Target, *, below: bool = False) -> str:
    """Return a place as an entry states it."""
    return ("http://" if target.scheme == "http" else "") + ("*." if below else "") + target.server
