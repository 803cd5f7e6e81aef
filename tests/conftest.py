"""Fixtures: real servers, started once a session where starting them is slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests import services


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[services.Dovecot]:
    with services.running_dovecot() as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: services.Dovecot) -> services.Mailbox:
    """A new mailbox on the session's Dovecot."""
    if not dovecot_server.running:  # a test that stopped it has failed
        dovecot_server.start()
    return dovecot_server.mailbox()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.Postgres]:
    with services.running_postgres() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: services.Postgres) -> Iterator[str]:
    """The URL of a new database on the session's PostgreSQL."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def smtp_sink() -> Iterator[services.SmtpSink]:
    with services.running_smtp_sink() as sink:
        yield sink


@pytest.fixture
def tcp_proxy() -> Iterator[Callable[[int], services.TcpProxy]]:
    """Put a proxy before a port; as often as it is called."""
    with ExitStack() as stack:
        yield lambda port: stack.enter_context(services.running_tcp_proxy(port))
