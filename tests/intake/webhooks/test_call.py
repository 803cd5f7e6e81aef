"""One call to servers that answer, refuse, stall and lie: it goes where it was checked to go, and it ends."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Network
from typing import Any, TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.webhooks import Target
from intake.webhooks.addresses import WebhookBlocked, WebhookFailed, WebhookUnavailable
from intake.webhooks.call import MOST_BODY, Answer, WebhookRejected, call, signature
from tests.intake.webhooks.servers import (
    Behaviour,
    dripping,
    resetting,
    saying,
    saying_and_staying,
    saying_without_end,
    serving,
    wait_until_gone,
)

HOST = "hooks.example.org"
HERE = {IPv4Network("127.0.0.0/8")}
BODY = '{"case": 412, "subject": "Wechselrichter zeigt E-31 – größer"}'.encode()
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
ENOUGH_S = 2.0  # for a head that comes at once, also on a busy machine
SHORT_S = 0.5  # where a server lets its caller wait until the caller goes

E = TypeVar("E", bound=WebhookFailed)


class Resolver:
    """Leads every name to one of these addresses after the other, and counts how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        addresses = self._answers[min(len(self.asked), len(self._answers) - 1)]
        self.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


def _call(port: int, headers: dict[str, str] | None = None, *, body: bytes = BODY, timeout_s: float = 10.0) -> Answer:
    target = Target("http", HOST, port, "/in?desk=1")
    return call(target, body, headers or {}, permitted=HERE, resolve=Resolver(["127.0.0.1"]), timeout_s=timeout_s)


def _answered(behave: Behaviour, *, timeout_s: float = 10.0) -> Answer:
    with serving(behave) as server:
        return _call(server.port, timeout_s=timeout_s)


def _failed(kind: type[E], behave: Behaviour, match: str | None = None, *, timeout_s: float = 10.0) -> E:
    with serving(behave) as server, pytest.raises(kind, match=match) as caught:
        _call(server.port, timeout_s=timeout_s)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    return caught.value


def test_the_server_gets_a_plain_request_and_its_answer_comes_back() -> None:
    with serving(saying(OK)) as server:
        answer = _call(server.port, {"X-Desk-Signature": "t=1,v1=ab", "Idempotency-Key": "412/1"})
    assert answer == Answer(200, "OK", "fine")
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /in?desk=1 HTTP/1.1"
    assert sorted(headers) == sorted(
        [
            f"Host: {HOST}:{server.port}",
            "User-Agent: deskline",
            "Accept-Encoding: identity",
            "Connection: close",
            "Content-Type: application/json",
            f"Content-Length: {len(BODY)}",
            "X-Desk-Signature: t=1,v1=ab",
            "Idempotency-Key: 412/1",
        ]
    )
    assert body == BODY


def test_the_name_is_looked_up_once_and_the_call_goes_to_the_address_that_was_checked() -> None:
    resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
    only_first = {IPv4Network("127.0.0.1/32")}
    with serving(saying(OK)) as server:
        target = Target("http", "rebinding.invalid", server.port, "/")
        assert call(target, BODY, {}, permitted=only_first, resolve=resolver).status == 200
        assert resolver.asked == ["rebinding.invalid"]
        with pytest.raises(WebhookBlocked, match=r"127\.0\.0\.2"):
            call(target, BODY, {}, permitted=only_first, resolve=resolver)
    assert server.connections == 1


def test_a_name_with_one_private_address_is_not_called_at_all() -> None:
    with serving(saying(OK)) as server:
        target = Target("http", HOST, server.port, "/")
        with pytest.raises(WebhookBlocked):
            call(target, BODY, {}, permitted={IPv4Network("127.0.0.1/32")}, resolve=Resolver(["127.0.0.1", "10.0.0.1"]))
        with pytest.raises(WebhookBlocked):
            call(target, BODY, {}, resolve=Resolver(["127.0.0.1"]))
    assert server.connections == 0


def test_an_address_that_does_not_answer_leaves_the_next_one() -> None:
    with serving(saying(OK)) as server:
        target = Target("http", HOST, server.port, "/")
        assert call(target, BODY, {}, permitted=HERE, resolve=Resolver(["127.0.0.9", "127.0.0.1"])).status == 200


def test_an_address_that_says_nothing_leaves_time_for_the_next_one() -> None:
    with serving(saying(OK)) as server, ExitStack() as waiting:
        waiting.enter_context(socket.create_server(("127.0.0.9", server.port), backlog=0))
        for _ in range(4):  # its queue is full, so that a new connection is neither taken nor refused
            caller = waiting.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.9", server.port))
        target = Target("http", HOST, server.port, "/")
        resolver = Resolver(["127.0.0.9", "127.0.0.1"])
        assert call(target, BODY, {}, permitted=HERE, resolve=resolver, timeout_s=ENOUGH_S).status == 200


def test_nobody_listens() -> None:
    with serving(saying(OK)) as server:
        pass
    with pytest.raises(WebhookUnavailable, match="refused") as caught:
        _call(server.port)
    assert not caught.value.permanent
    assert caught.value.retry_after_s is None


def test_a_lookup_that_takes_too_long_does_not_hold_the_sender() -> None:
    over = threading.Event()

    def resolve(*_: object, **__: object) -> list[tuple[Any, ...]]:
        over.wait()
        return []

    try:
        with pytest.raises(WebhookUnavailable, match=r"within 0\.1 seconds"):
            call(Target("https", HOST, 443, "/"), BODY, {}, resolve=resolve, timeout_s=0.1)
    finally:
        over.set()


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with serving(saying(b"HTTP/1.1 502 Proxy\r\n\r\n")) as proxy, serving(saying(OK)) as server:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert _call(server.port).status == 200
    assert proxy.connections == 0


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with serving(saying(OK)) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/\r\n".encode()
        error = _failed(
            WebhookRejected, saying(b"HTTP/1.1 %d Over there\r\n" % status + location + b"\r\n"), "a redirect"
        )
    assert error.permanent
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, WebhookUnavailable) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
        *((status, WebhookRejected) for status in (400, 401, 403, 404, 409, 410, 413, 422, 451, 600, 999)),
    ],
)
def test_a_status_says_whether_trying_again_can_help(status: int, kind: type[WebhookFailed]) -> None:
    error = _failed(
        kind, saying(b"HTTP/1.1 %d No\r\nContent-Length: 7\r\n\r\nbad key" % status), rf"{status} No \(bad key"
    )
    assert error.permanent is (kind is WebhookRejected)


def _in(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("17", 17, 17),
        ("0", 0, 0),
        ("86400", 3600, 3600),
        ("9" * 5000, 3600, 3600),
    ],
)
def test_how_long_the_server_asks_to_wait_is_kept_within_an_hour(header: str, least: int, most: int) -> None:
    _waits(header, least, most)


def test_a_date_until_which_the_server_asks_to_wait_is_kept_within_an_hour() -> None:
    _waits(_in(86400 * 30), 3600, 3600)
    _waits(_in(86400 * -30), 0, 0)
    _waits(format_datetime(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=30)), 3600, 3600)


def _waits(header: str, least: int, most: int) -> None:
    answer = f"HTTP/1.1 429 Slow down\r\nRetry-After: {header}\r\nContent-Length: 0\r\n\r\n".encode()
    wait_s = _failed(WebhookUnavailable, saying(answer)).retry_after_s
    assert wait_s is not None
    assert least <= wait_s <= most


@pytest.mark.parametrize(
    "header", ["", "soon", "-5", "1.5", "²", "Mon, 99 Foo 99999 99:99:99 GMT", "Mon, 1 Jan 0 0:0:0"]
)
def test_a_wait_that_cannot_be_read_is_none(header: str) -> None:
    answer = f"HTTP/1.1 503 Later\r\nRetry-After: {header}\r\n\r\n".encode()
    assert _failed(WebhookUnavailable, saying(answer)).retry_after_s in (None, 0)


def test_what_a_server_says_is_fit_for_a_terminal() -> None:
    evil = b"HTTP/1.1 400 \x1b[2J\x07\xe2\x80\xaeno" + b"x" * 1000 + b"\r\n\r\n\x1b]0;title\x07{reason}" + b"y" * 5000
    _failed(WebhookRejected, saying(evil), "400")
    answer = _answered(saying(b"HTTP/1.1 200 \x1b[2Jok\r\n\r\n\xff\xfe"))
    assert (answer.reason, answer.body) == ("�[2Jok", "��")


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", "old"),
        (b"HTTP/1.1 200\r\n\r\nno reason", "no reason"),
        (b"HTTP/1.1 200 OK\n\nbare ends", "bare ends"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nonly this", "onl"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\nall", "all"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\ncut off", "cut off"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfir\r\nA;x=y\r\nst, second\r\n0\r\n\r\n",
            "first, second",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfir\r\nzz\r\nst", "fir"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfirst", "fir"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\n\r\nb", "b"),
    ],
)
def test_answers_in_every_shape_are_read(said: bytes, body: str) -> None:
    assert _answered(saying(said)).body == body


def test_an_answer_that_comes_byte_by_byte_is_read() -> None:
    whole = b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n"
    parts = [whole[place : place + 1] for place in range(len(whole))]
    assert _answered(saying(*parts)) == Answer(202, "Accepted", "fine")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_an_answer_without_a_body_is_not_waited_for(said: bytes) -> None:
    # With no time limit that a test could reach: a call that waited for the server to close would hang.
    assert _answered(saying_and_staying(said), timeout_s=600).body == ""


@pytest.mark.parametrize("head", [b"", b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 100000\r\n"])
def test_of_a_body_without_end_only_the_beginning_is_read(head: bytes) -> None:
    endless = saying_without_end(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", b"abcd" * 1000)
    assert _answered(endless, timeout_s=600).body == ("abcd" * 500)[:MOST_BODY]


def test_of_chunks_without_end_only_the_beginning_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert _answered(saying_without_end(head, b"1\r\nx\r\n"), timeout_s=600).body == "x" * MOST_BODY
    huge = saying_without_end(head + b"fffffffffffffff\r\n", b"y" * 4000)
    assert _answered(huge, timeout_s=600).body == "y" * MOST_BODY


@pytest.mark.parametrize(
    ("beginning", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Again: and again\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 ", b"2" * 1000),
    ],
)
def test_a_header_without_end_is_left(beginning: bytes, again: bytes) -> None:
    _failed(WebhookUnavailable, saying_without_end(beginning, again), timeout_s=600)


@pytest.mark.parametrize(
    "beginning",
    [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 100 Continue\r\n\r\n"],
)
def test_a_server_that_drips_does_not_hold_the_sender(beginning: bytes) -> None:
    _failed(WebhookUnavailable, dripping(beginning, b"2"), r"within 0\.5 seconds", timeout_s=SHORT_S)


def test_a_body_that_drips_is_cut_and_the_call_counts_as_taken() -> None:
    answer = _answered(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), timeout_s=ENOUGH_S)
    assert answer.status == 200
    assert set(answer.body) <= {"x"}


def test_a_server_that_never_answers_does_not_hold_the_sender() -> None:
    _failed(WebhookUnavailable, wait_until_gone, r"within 0\.5 seconds", timeout_s=SHORT_S)


def test_a_server_that_does_not_read_does_not_hold_the_sender() -> None:
    over = threading.Event()

    def behave(_: socket.socket) -> None:
        over.wait()

    with serving(behave, read_first=False) as server:
        try:
            with pytest.raises(WebhookUnavailable, match=r"within 0\.5 seconds"):
                _call(server.port, body=b"x" * 50_000_000, timeout_s=SHORT_S)
        finally:
            over.set()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20\r\n\r\n",
        b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"\x00" * 100,
    ],
)
@pytest.mark.parametrize("ending", [saying, resetting])
def test_what_is_no_whole_answer_may_be_tried_again(said: bytes, ending: Any) -> None:
    assert not _failed(WebhookUnavailable, ending(said)).permanent


def test_a_connection_that_breaks_in_the_body_leaves_the_status() -> None:
    answer = _answered(resetting(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
    assert answer.status == 200
    assert answer.body in ("half", "")


def test_a_refusal_before_the_body_was_read_is_heard() -> None:
    refusing = saying(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
    with serving(refusing, read_first=False) as server, pytest.raises(WebhookRejected, match="413"):
        _call(server.port, body=b"x" * 20_000_000)


NEVER = Target("https", HOST, 443, "/")


def _not_asked(*_: object, **__: object) -> list[tuple[Any, ...]]:
    raise AssertionError("nothing may be looked up for a request that is never sent")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Case", "1\r\nHost: evil.example"),
        ("X-Case", "1\nX-Other: 2"),
        ("X-Case", "s3cret\r"),
        ("X-Case", "s3cret\n"),
        ("X-Case", " s3cret"),
        ("X-Case", "s3cret\x00"),
        ("X-Case", "größer"),
        ("X-Case", "s3cret" * 1000),
        ("X-Case\r\nX-Other", "1"),
        ("X-Case\n", "1"),
        ("X Case", "1"),
        ("X-Case:", "1"),
        ("", "1"),
        ("Ünïcode", "1"),
        ("host", "evil.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("CONNECTION", "keep-alive"),
    ],
)
def test_a_header_that_cannot_be_sent_blocks_the_call(name: str, value: str) -> None:
    with pytest.raises(WebhookBlocked) as caught:
        call(NEVER, BODY, {name: value}, resolve=_not_asked)
    assert str(caught.value).isprintable()
    assert "s3cret" not in str(caught.value)


def test_a_header_that_is_there_twice_blocks_the_call() -> None:
    with pytest.raises(WebhookBlocked, match="twice"):
        call(NEVER, BODY, {"X-Case": "1", "x-case": "2"}, resolve=_not_asked)


@pytest.mark.parametrize("path", ["/a b", "/a\r\nHost: evil.example", "/ä", ""])
def test_a_path_that_nobody_checked_blocks_the_call(path: str) -> None:
    with pytest.raises(WebhookBlocked):
        call(Target("https", HOST, 443, path), BODY, {}, resolve=_not_asked)


def test_the_signature_is_what_the_documentation_says() -> None:
    expected = hmac.new(b"key", b"1767225600." + BODY, hashlib.sha256).hexdigest()
    assert signature(b"key", 1767225600, BODY) == f"t=1767225600,v1={expected}"
    with pytest.raises(ValueError, match="secret"):
        signature(b"", 1767225600, BODY)


@settings(deadline=None)
@given(first=st.tuples(st.integers(0, 2**40), st.binary()), second=st.tuples(st.integers(0, 2**40), st.binary()))
@example(first=(1, b"2.x"), second=(12, b".x"))
@example(first=(1, b"1.x"), second=(11, b"x"))
def test_two_calls_have_one_signature_only_if_they_are_the_same(
    first: tuple[int, bytes], second: tuple[int, bytes]
) -> None:
    assert (signature(b"key", *first) == signature(b"key", *second)) is (first == second)


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"HTTP/1.1 200 OK\r\n:\r\n: :\r\n\x00\r\n\r\n")
def test_whatever_comes_back_is_an_answer_or_an_error_of_ours(noise: bytes) -> None:
    for said in (noise, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + noise, b"HTTP/1.1 500 " + noise):
        try:
            answer = _answered(saying(said))
            shown = answer.reason
        except WebhookFailed as error:
            shown = str(error)
        assert shown.isprintable()


def test_a_context_that_verifies_nothing_is_refused() -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    with pytest.raises(ValueError, match="verify"):
        call(NEVER, BODY, {}, resolve=_not_asked, context=careless)
