"""One call of a webhook, which cannot be turned against the desk's own network and cannot hold its sender.

It is HTTP/1.1 over `socket` and `ssl` alone. A library would look the name up again by itself, or has its place for an address that was
already checked only in its inner parts; and none ends a call at one moment whatever the server does. What is needed here is little: one
POST, the status, a few headers and the beginning of the body. Proxies of the environment are not asked and redirects not followed, because
both would lead to an address that nobody checked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import ssl
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue

from core.config.problems import printable
from core.webhooks import Target
from intake.webhooks.addresses import (
    Address,
    IpNetwork,
    Resolve,
    WebhookBlocked,
    WebhookFailed,
    WebhookUnavailable,
    public_addresses,
)

MOST_HEAD = 64 * 1024
MOST_BODY = 2000
LONGEST_RETRY_AFTER_S = 3600

_TRY_AGAIN = frozenset({408, 425, 429})
_NO_BODY = frozenset({204, 205, 304})
_LONGEST_LINE_OF_CHUNK = 1000
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    }
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE = re.compile(r"(?:[!-~](?:[ -~]{0,3998}[!-~])?)?")
_IN_REQUEST = re.compile(r"[!-~]+")
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9]{2})(?: (.*))?")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server of a webhook said to a call that it took."""

    status: int  # 200 to 299
    reason: str  # fit for one line of a terminal
    body: str  # its first 2,000 bytes, exactly as they came: to be painted through sanitise() only


class WebhookRejected(WebhookFailed):
    """The webhook at {server} did not take the call: {reason}"""


class _NoHttp(Exception):
    """What came is no answer in HTTP/1.1."""


def call(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float = 10.0,
    permitted: Collection[IpNetwork] = (),
    resolve: Resolve = socket.getaddrinfo,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """Post a JSON body to a webhook and return what its server says.

    Args:
        target: where to, from `core.webhooks.target_of`.
        body: the JSON text, encoded.
        headers: more headers, such as a signature; those that make the request itself cannot be given.
        timeout_s: how long all of it may take, from the lookup of the name to the last byte that is read.
        permitted: networks that may be called although they are not public.
        resolve: looks the name up; asked once, and the call goes to the very address that it gave.
        context: how TLS is verified; without one, by the certificates that this machine trusts.

    Raises:
        WebhookBlocked: the call was not made and never will be as it is: a private address, or a header that cannot be sent.
        WebhookRejected: the server refused it for good, or redirects.
        WebhookUnavailable: it may be tried again; the server may have taken the call all the same if it broke off late.
    """
    if context is not None and not (context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED):
        raise ValueError("the TLS context of a webhook must verify the certificate and its host name")
    request = _request(target, body, headers)
    until = time.monotonic() + timeout_s
    try:
        addresses = _looked_up(target, permitted, resolve, until)
        with _connected(target, addresses, until, context) as connection:
            wire = _Wire(connection, until)
            # A server may answer and close before it has read everything; then its answer says more than the broken pipe.
            with suppress(ConnectionError):
                wire.send(request)
            status, reason, answered = _read_head(wire)
            beginning = b"" if status in _NO_BODY else _read_body(wire, answered)
    except TimeoutError as error:
        late = f"it was not done within {timeout_s:g} seconds."
        raise WebhookUnavailable(server=target.server, reason=late) from error
    except (OSError, _NoHttp) as error:
        raise WebhookUnavailable(server=target.server, reason=f"{_trouble(error)}.") from error
    answer = Answer(status, _line(reason), beginning.decode("utf-8", "replace"))
    if not 200 <= status < 300:
        raise _failure(target, answer, answered.get("retry-after", ""))
    return answer


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """Return what proves to a receiver that a call is the desk's and not an old one sent again.

    The form is `t=1767225600,v1=5257a8…`: the moment in seconds since 1970, and the HMAC-SHA256, in hexadecimal, of that moment in
    decimal, a full stop and the body. A receiver computes it over the bytes that it got, before it reads them as JSON, compares in constant
    time, and refuses a moment that is more than some minutes away.
    """
    if not secret:
        raise ValueError("a signature needs a secret that is not empty")
    digest = hmac.digest(secret, b"%d." % at_s + body, hashlib.sha256)
    return f"t={at_s},v1={digest.hex()}"


class _Wire:
    """A connection on which everything ends at one moment, however slowly the other side sends."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection = connection
        self._until = until
        self._ahead = bytearray()

    def send(self, message: bytes) -> None:
        """Send all of a message."""
        rest = memoryview(message)
        while rest:
            self._connection.settimeout(_left(self._until))
            rest = rest[self._connection.send(rest) :]

    def line(self, most: int) -> bytes:
        """Return the next line with its end; one longer than `most`, or cut off by the end, is no HTTP."""
        while (end := self._ahead.find(b"\n", 0, most)) < 0:
            if len(self._ahead) >= most:
                raise _NoHttp("it answered with more header than is read")
            if not self._read():
                raise _NoHttp("it closed the connection before its answer was whole")
        return self._take(end + 1)

    def some(self, most: int) -> bytes:
        """Return at least one byte and at most `most`; nothing at the end."""
        if not self._ahead:
            self._read()
        return self._take(most)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        return taken

    def _read(self) -> bool:
        self._connection.settimeout(_left(self._until))
        got = self._connection.recv(4096)
        self._ahead += got
        return bool(got)


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the request; a header that cannot be sent as it is blocks it, and its value is not quoted, as it may be a secret."""
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.server}",
        "User-Agent: deskline",
        "Accept-Encoding: identity",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    if not (_IN_REQUEST.fullmatch(target.path) and _IN_REQUEST.fullmatch(target.server)):
        raise WebhookBlocked(server=printable(target.server), reason="its address cannot be written into a request.")
    seen = set(_OURS)
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise WebhookBlocked(server=target.server, reason=f'"{printable(name)}" is no name of a header.')
        if name.lower() in seen:
            why = "is made by the desk itself" if name.lower() in _OURS else "is there twice"
            raise WebhookBlocked(server=target.server, reason=f"the header {name} {why}.")
        if not _HEADER_VALUE.fullmatch(value):
            rule = "holds something else than up to 4,000 visible ASCII characters with spaces between them"
            raise WebhookBlocked(server=target.server, reason=f"the header {name} {rule}.")
        seen.add(name.lower())
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _looked_up(target: Target, permitted: Collection[IpNetwork], resolve: Resolve, until: float) -> list[Address]:
    """Return the addresses to connect to. A lookup cannot be ended, so one that takes too long is left alone in its thread."""
    found: SimpleQueue[list[Address] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            found.put(public_addresses(target.host, target.port, resolve=resolve, permitted=permitted))
        except Exception as error:  # noqa: BLE001 - raised again below, where somebody waits for it
            found.put(error)

    threading.Thread(target=look, name="webhook-lookup", daemon=True).start()
    try:
        addresses = found.get(timeout=_left(until))
    except Empty:
        raise TimeoutError from None
    if isinstance(addresses, Exception):
        raise addresses
    return addresses


def _connected(target: Target, addresses: list[Address], until: float, context: ssl.SSLContext | None) -> socket.socket:
    """Connect to the first address that answers; each has its share of the time, so that a silent one leaves some to the next."""
    for position, address in enumerate(addresses):
        try:
            connection = _connection(address, _left(until) / (len(addresses) - position))
            break
        except OSError:
            if position == len(addresses) - 1:
                raise
    if target.scheme == "http":
        return connection
    try:
        connection.settimeout(_left(until))
        return (context or ssl.create_default_context()).wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


def _connection(address: Address, timeout_s: float) -> socket.socket:
    family, place = address
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    return connection


def _read_head(wire: _Wire) -> tuple[int, bytes, dict[str, str]]:
    """Return status, reason and headers, their names in lower case; of a name that comes twice the first counts."""
    left = MOST_HEAD
    while True:
        line = wire.line(left)
        left -= len(line)
        found = _STATUS_LINE.fullmatch(line.rstrip(b"\r\n"))
        if found is None or found[1] == b"101":
            raise _NoHttp("what it answered is not HTTP/1.1")
        headers: dict[str, str] = {}
        while (line := wire.line(left)).strip(b"\r\n"):
            left -= len(line)
            name, _, value = line.decode("latin-1").partition(":")
            headers.setdefault(name.lower(), value.strip())
        left -= len(line)
        status = int(found[1])
        if status >= 200:  # below are remarks on the way, such as 103, before the answer itself
            return status, found[2] or b"", headers


def _read_body(wire: _Wire, headers: Mapping[str, str]) -> bytes:
    """Return the beginning of the body. What does not come any more is left out: the status is the answer, the body a remark."""
    body = bytearray()
    chunked = headers.get("transfer-encoding", "").lower().endswith("chunked")
    length = headers.get("content-length", "")
    size = int(length[:9]) if re.fullmatch("[0-9]+", length) else MOST_BODY
    with suppress(OSError, _NoHttp):
        for part in _chunks(wire) if chunked else _pieces(wire, size):
            body += part
            if len(body) >= MOST_BODY:
                break
    return bytes(body[:MOST_BODY])


def _pieces(wire: _Wire, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := wire.some(size)):
        size -= len(piece)
        yield piece


def _chunks(wire: _Wire) -> Iterator[bytes]:
    while True:
        found = _CHUNK_SIZE.fullmatch(wire.line(_LONGEST_LINE_OF_CHUNK).rstrip(b"\r\n"))
        if found is None or not (size := int(found[1], 16)):
            return
        yield from _pieces(wire, size)
        if wire.line(_LONGEST_LINE_OF_CHUNK).strip(b"\r\n"):
            return


def _failure(target: Target, answer: Answer, retry_after: str) -> WebhookFailed:
    """Return the error for a status that is not 2xx."""
    said = f"its server answered {answer.status} {answer.reason}".rstrip()
    if 300 <= answer.status < 400:
        redirected = f"{said}, a redirect, and webhooks follow none. Give the address that it leads to."
        return WebhookRejected(server=target.server, reason=redirected)
    if remark := _line(answer.body.encode()):
        said = f"{said} ({remark})"
    if answer.status in _TRY_AGAIN or 500 <= answer.status < 600:
        wait_s = _seconds_asked(retry_after, datetime.now(UTC))
        return WebhookUnavailable(server=target.server, reason=f"{said}.", retry_after_s=wait_s)
    return WebhookRejected(server=target.server, reason=f"{said}.")


def _seconds_asked(retry_after: str, now: datetime) -> int | None:
    """Return how long a Retry-After header asks to wait, at most an hour; None where it says nothing that can be read."""
    if re.fullmatch("[0-9]+", retry_after):
        return min(int(retry_after[:9]), LONGEST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(retry_after)
        wait_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0, min(int(wait_s.total_seconds()), LONGEST_RETRY_AFTER_S))


def _trouble(error: Exception) -> str:
    """Say in words what went wrong on the way."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({printable(error.verify_message, 200)})"
    if isinstance(error, ssl.SSLError):
        return f"TLS with it failed ({printable(error.reason or 'no reason given', 100)})"
    if isinstance(error, _NoHttp):
        return str(error)
    said = error.strerror if isinstance(error, OSError) else None
    return f"the connection failed ({printable(said or type(error).__name__, 100)})"


def _line(said: bytes) -> str:
    return printable(" ".join(said.decode("utf-8", "replace").split()), 100)


def _left(until: float) -> float:
    """Return the seconds that are left."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
