"""A call over TLS: the host is named and verified, whatever address it leads to, and a handshake or body that drips ends too."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path
from typing import Any

import pytest

from core.webhooks import Target, target_of
from intake.webhooks.addresses import WebhookUnavailable
from intake.webhooks.call import Answer, call
from tests.intake.webhooks.servers import certificate, dripping, saying, serving
from tests.intake.webhooks.test_call import BODY, ENOUGH_S, HERE, HOST, OK, SHORT_S, Resolver


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate; Debian: apt-get install openssl")
    return certificate(tmp_path_factory.mktemp("tls"), f"DNS:{HOST},DNS:xn--mller-kva.example,IP:127.0.0.1")


def _server_context(files: tuple[Path, Path], names: list[str | None] | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    if names is not None:
        context.sni_callback = lambda _, name, __: names.append(name)
    return context


@pytest.mark.parametrize(
    ("url", "host"),
    [(f"https://{HOST}:{{}}/in", HOST), ("https://MÜLLER.example:{}/in", "xn--mller-kva.example")],
)
def test_tls_names_and_verifies_the_host_not_the_address(own_certificate: Any, url: str, host: str) -> None:
    names: list[str | None] = []
    trusting = ssl.create_default_context(cafile=str(own_certificate[0]))
    resolver = Resolver(["127.0.0.1"])
    with serving(saying(OK), _server_context(own_certificate, names)) as server:
        target = target_of(url.format(server.port), [f"{host}:{server.port}"])
        assert call(target, BODY, {}, permitted=HERE, resolve=resolver, context=trusting) == Answer(200, "OK", "fine")
    assert names == resolver.asked == [host]
    assert f"Host: {host}:{server.port}\r\n".encode() in server.requests[0]


def test_a_certificate_for_another_host_or_from_nobody_is_not_trusted(own_certificate: Any) -> None:
    trusting = ssl.create_default_context(cafile=str(own_certificate[0]))
    with serving(saying(OK), _server_context(own_certificate)) as server:
        for host, context in (("other.example.org", trusting), (HOST, None)):
            target = Target("https", host, server.port, "/")
            with pytest.raises(WebhookUnavailable, match="certificate is not trusted"):
                call(target, BODY, {}, permitted=HERE, resolve=Resolver(["127.0.0.1"]), context=context)
    assert server.requests == []


def test_a_server_without_tls_or_that_drips_in_the_handshake_gets_no_request() -> None:
    for behave in (saying(b"HTTP/1.1 400 Plain\r\n\r\n"), dripping(b"\x16\x03\x03\x40\x00", b"\x02")):
        with serving(behave, read_first=False) as server:
            target = Target("https", HOST, server.port, "/")
            with pytest.raises(WebhookUnavailable):
                call(target, BODY, {}, permitted=HERE, resolve=Resolver(["127.0.0.1"]), timeout_s=SHORT_S)


def test_a_body_over_tls_that_drips_is_cut(own_certificate: Any) -> None:
    trusting = ssl.create_default_context(cafile=str(own_certificate[0]))
    dripping_answer = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x")
    with serving(dripping_answer, _server_context(own_certificate)) as server:
        target = Target("https", HOST, server.port, "/")
        resolver = Resolver(["127.0.0.1"])
        answer = call(target, BODY, {}, permitted=HERE, resolve=resolver, context=trusting, timeout_s=ENOUGH_S)
    assert answer.status == 200
