"""The IMAP poller against a real Dovecot: nothing is lost, nothing comes twice, whatever breaks."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import imapclient
import pytest

from data.errors import Unavailable
from intake.email import imap, imap_connection
from intake.email.imap import FetchedMail, ImapPoller, ImapSettings, Position
from tests.services import PASSWORD, Mailbox, TcpProxy, free_port, until

Proxies = Callable[[int], TcpProxy]


def mail(number: int, size: int = 0) -> bytes:
    return f"From: anna@customer.example\r\nSubject: mail {number}\r\n\r\nhello\r\n".encode() + b"x" * size + b"\r\n"


@dataclass
class Store:
    """A desk in memory."""

    at: Position | None = None
    taken: list[FetchedMail] = field(default_factory=list)
    refused: list[tuple[int, str, bytes]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    polls: int = 0
    batches: list[int] = field(default_factory=list)
    before_take: Callable[[Sequence[FetchedMail]], None] = lambda mails: None

    def position(self) -> Position | None:
        return self.at

    def take(self, mails: Sequence[FetchedMail], position: Position) -> None:
        self.before_take(mails)
        known = {(one.uidvalidity, one.uid) for one in self.taken}
        assert not known & {(one.uidvalidity, one.uid) for one in mails}, "a message was brought twice"
        self.taken += mails
        self.batches.append(len(mails))
        self.at = position

    def refuse(self, uidvalidity: int, uid: int, reason: str, raw: bytes, position: Position) -> None:
        self.refused.append((uid, reason, raw))
        self.at = position

    def polled(self) -> None:
        self.polls += 1

    def failed(self, reason: str) -> None:
        self.failures.append(reason)

    def subjects(self) -> list[int]:
        return [int(one.raw.split(b"Subject: mail ")[1].split(b"\r\n")[0]) for one in self.taken]


@contextlib.contextmanager
def polling(settings: ImapSettings, store: Store) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=ImapPoller(settings, store).run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive(), "the poller does not stop"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "FIRST_PAUSE", 0.05)


def seen(mailbox: Mailbox) -> set[int]:
    with imapclient.IMAPClient("127.0.0.1", mailbox.server.port, ssl=False, timeout=10) as client:
        client.login(mailbox.user, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        return set(client.search("SEEN"))


def test_a_first_poll_brings_all_mail_unchanged_with_its_date(dovecot: Mailbox) -> None:
    store = Store()
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(2))
    assert ImapPoller(dovecot.settings(), store).poll_once() == 2
    assert [one.raw for one in store.taken] == [mail(1), mail(2)]
    assert all(one.internal_date is not None and one.internal_date.tzinfo is not None for one in store.taken)
    assert store.polls == 1


def test_a_poll_without_news_brings_nothing(dovecot: Mailbox) -> None:
    store = Store()
    dovecot.deliver(mail(1))
    poller = ImapPoller(dovecot.settings(), store)
    assert [poller.poll_once(), poller.poll_once()] == [1, 0]


def test_a_mailbox_can_be_read_from_now_on(dovecot: Mailbox) -> None:
    store = Store()
    dovecot.deliver(mail(1))
    poller = ImapPoller(dovecot.settings(start="now"), store)
    assert poller.poll_once() == 0
    dovecot.deliver(mail(2))
    assert poller.poll_once() == 1
    assert store.subjects() == [2]


def test_three_hundred_mails_come_in_batches_and_in_order(dovecot: Mailbox) -> None:
    store = Store()
    for number in range(300):
        dovecot.deliver(mail(number))
    assert ImapPoller(dovecot.settings(batch=50), store).poll_once() == 300
    assert store.subjects() == list(range(300))
    assert store.batches == [50] * 6


def test_a_large_mailbox_is_searched_in_windows(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_connection, "UID_WINDOW", 4)
    store = Store()
    for number in range(18):
        dovecot.deliver(mail(number))
    assert ImapPoller(dovecot.settings(), store).poll_once() == 18
    assert store.subjects() == list(range(18))
    assert max(store.batches) == 4


def test_new_mail_arrives_by_idle(dovecot: Mailbox) -> None:
    store = Store()
    with polling(dovecot.settings(), store):
        until(lambda: store.polls, "the first poll")
        for number in range(5):
            dovecot.deliver(mail(number))
            until(lambda: len(store.taken) > number, "the mail")  # noqa: B023 (called at once)
    assert store.subjects() == list(range(5))


def test_mail_that_comes_between_the_search_and_idle_is_seen(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    waits = imap_connection.ImapConnection.wait
    between: list[int] = []

    def deliver_first(connection: Any, stop: threading.Event) -> None:
        if len(between) < 3:
            between.append(1)
            dovecot.deliver(mail(len(between)))
        waits(connection, stop)

    monkeypatch.setattr(imap_connection.ImapConnection, "wait", deliver_first)
    with polling(dovecot.settings(), store):
        until(lambda: len(store.taken) == 3, "the mails")


def test_mail_that_the_server_tells_with_the_answer_to_search_is_seen(
    dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    searches = imap_connection.ImapConnection._search
    between: list[int] = []

    def deliver_at_the_end(connection: Any, uid: int, wanted: str) -> list[int]:
        found = searches(connection, uid, wanted)
        if not found and len(between) < 3:
            between.append(1)
            dovecot.deliver(mail(len(between)))
            until(lambda: connection._client.noop()[1], "the number of messages")
        return found

    monkeypatch.setattr(imap_connection.ImapConnection, "_search", deliver_at_the_end)
    with polling(dovecot.settings(), store):
        until(lambda: len(store.taken) == 3, "the mails")


def test_the_idle_is_renewed(dovecot: Mailbox) -> None:
    store = Store()
    with polling(dovecot.settings(idle_renew=0.2), store):
        until(lambda: store.polls >= 3, "the third poll")
    assert store.failures == []


def test_mail_that_came_while_the_poller_was_away_is_brought(dovecot: Mailbox) -> None:
    store = Store()
    for number in range(2):
        dovecot.deliver(mail(2 * number))
        dovecot.deliver(mail(2 * number + 1))
        with polling(dovecot.settings(), store):
            until(lambda: len(store.taken) == 2 * number + 2, "the mails")  # noqa: B023 (called at once)
    assert store.subjects() == [0, 1, 2, 3]


def test_a_poller_that_is_kicked_comes_back(dovecot: Mailbox) -> None:
    store = Store()
    with polling(dovecot.settings(), store):
        until(lambda: store.polls, "the first poll")
        dovecot.kick()
        until(lambda: store.failures, "the failure")
        dovecot.deliver(mail(1))
        until(lambda: store.taken, "the mail")
    assert "127.0.0.1" in store.failures[0]


def test_a_dropped_connection_is_made_again(dovecot: Mailbox, tcp_proxy: Proxies) -> None:
    store = Store()
    proxy = tcp_proxy(dovecot.server.port)
    with polling(dovecot.settings(port=proxy.port), store):
        for number in range(3):
            until(lambda: store.polls > len(store.failures), "a poll")
            proxy.close_all()
            dovecot.deliver(mail(number))
            until(lambda: len(store.taken) > number, "the mail")  # noqa: B023 (called at once)
    assert store.subjects() == [0, 1, 2]


@pytest.mark.parametrize("count", [0, 40, 5_000, 60_000])
def test_a_connection_cut_within_a_fetch_loses_and_doubles_nothing(
    dovecot: Mailbox, tcp_proxy: Proxies, count: int
) -> None:
    store = Store()
    for number in range(30):
        dovecot.deliver(mail(number, size=3_000))
    proxy = tcp_proxy(dovecot.server.port)
    proxy.cut_after(b"BODY[] {", count, times=2)
    with polling(dovecot.settings(port=proxy.port, batch=20), store):
        until(lambda: len(store.taken) == 30, "the mails")
    assert store.subjects() == list(range(30))
    assert [one.raw for one in store.taken] == [mail(number, size=3_000) for number in range(30)]
    assert store.refused == []
    assert proxy.cuts == 0


def test_a_message_that_always_breaks_the_connection_is_refused_and_the_rest_goes_on(
    dovecot: Mailbox, tcp_proxy: Proxies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "LONGEST_PAUSE", 0.05)
    store = Store()
    for number in range(12):
        dovecot.deliver(mail(number) if number != 7 else mail(7) + b"poison\r\n")
    proxy = tcp_proxy(dovecot.server.port)
    proxy.cut_after(b"poison", 0, times=1000)
    with polling(dovecot.settings(port=proxy.port), store):
        until(lambda: len(store.taken) == 11, "the mails")
    assert store.subjects() == [number for number in range(12) if number != 7]
    assert [uid for uid, _, _ in store.refused] == [8]


def test_a_new_uidvalidity_starts_again_at_the_first_message(dovecot: Mailbox) -> None:
    store = Store()
    dovecot.deliver(mail(1))
    poller = ImapPoller(dovecot.settings(), store)
    poller.poll_once()
    first = store.at
    dovecot.change_uidvalidity()
    dovecot.deliver(mail(2))
    assert poller.poll_once() == 2
    assert store.subjects() == [1, 1, 2]
    assert first is not None
    assert store.at is not None
    assert store.at.uidvalidity != first.uidvalidity


def test_a_refused_login_is_said_once_and_not_hammered(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "FIRST_LOGIN_PAUSE", 0.05)
    store = Store()
    asked: list[int] = []

    def wrong() -> str:
        asked.append(1)
        return "wrong"

    settings = dovecot.settings(password=wrong)
    with pytest.raises(imap.LoginRefused, match=r"refused the login of .*Correct the user or the password"):
        ImapPoller(settings, store).poll_once()
    with polling(settings, store):
        until(lambda: len(asked) > 3, "the third try")
    assert len(store.failures) == 1
    assert store.polls == 0


def test_pauses_grow_up_to_a_bound() -> None:
    pauses, logins = [0.0], [0.0]
    for _ in range(20):
        pauses.append(imap.next_pause(pauses[-1], refused=False))
        logins.append(imap.next_pause(logins[-1], refused=True))
    assert logins[1:7] == [30.0, 60.0, 120.0, 240.0, 480.0, 900.0]
    assert pauses == sorted(pauses)
    assert max(pauses) == 60.0
    assert max(logins) == 900.0


def test_a_server_that_stops_and_starts_again_is_found(dovecot: Mailbox) -> None:
    store = Store()
    with polling(dovecot.settings(), store):
        until(lambda: store.polls, "the first poll")
        dovecot.server.stop()
        until(lambda: any("Cannot connect" in reason for reason in store.failures), "the failure")
        dovecot.server.start()
        dovecot.deliver(mail(1))
        until(lambda: store.taken, "the mail")


def test_a_too_large_message_is_refused_with_its_header_and_the_rest_goes_on(dovecot: Mailbox) -> None:
    store = Store()
    for number, size in enumerate([0, 50_000, 0, 50_000, 50_000, 0]):
        dovecot.deliver(mail(number, size))
    assert ImapPoller(dovecot.settings(max_size=10_000), store).poll_once() == 6
    assert store.subjects() == [0, 2, 5]
    assert [uid for uid, _, _ in store.refused] == [2, 4, 5]
    _, reason, raw = store.refused[0]
    assert "this mailbox takes 10,000" in reason
    assert raw == mail(1).split(b"hello")[0]
    assert seen(dovecot) == {1, 3, 6}


def test_large_messages_come_one_at_a_time(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "FETCH_BYTES", 10_000)
    store = Store()
    for number, size in enumerate([0, 0, 50_000, 50_000, 0]):
        dovecot.deliver(mail(number, size))
    ImapPoller(dovecot.settings(), store).poll_once()
    assert store.batches == [2, 1, 1, 1]


def test_seen_is_set_only_after_the_desk_has_the_mail(dovecot: Mailbox) -> None:
    store = Store()
    states: list[set[int]] = []
    store.before_take = lambda mails: states.append(seen(dovecot))
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(2))
    ImapPoller(dovecot.settings(batch=1), store).poll_once()
    assert states == [set(), {1}]
    assert seen(dovecot) == {1, 2}


def test_a_desk_that_is_away_gets_the_mail_later(dovecot: Mailbox) -> None:
    store = Store()

    def away(mails: Sequence[FetchedMail]) -> None:
        raise Unavailable(reason="The desk is away.")

    store.before_take = away
    dovecot.deliver(mail(1))
    with pytest.raises(Unavailable, match="The desk is away"):
        ImapPoller(dovecot.settings(), store).poll_once()
    assert seen(dovecot) == set()
    with polling(dovecot.settings(), store):
        until(lambda: store.failures, "the failure")
        store.before_take = lambda mails: None
        until(lambda: store.taken, "the mail")
    assert store.failures == ["The desk is away."]
    assert store.refused == []


def test_a_message_the_desk_chokes_on_is_refused_and_the_rest_goes_on(dovecot: Mailbox) -> None:
    store = Store()

    def choke(mails: Sequence[FetchedMail]) -> None:
        if any(b"mail 7\r\n" in one.raw for one in mails):
            raise ValueError("a bug")

    store.before_take = choke
    for number in range(12):
        dovecot.deliver(mail(number))
    with polling(dovecot.settings(), store):
        until(lambda: len(store.taken) == 11, "the mails")
    assert [(uid, raw) for uid, _, raw in store.refused] == [(8, mail(7))]


def test_a_failing_store_of_seen_fails_nothing(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(client: Any, *given: Any, **named: Any) -> None:
        raise imapclient.exceptions.IMAPClientError("no longer exists")

    monkeypatch.setattr(imapclient.IMAPClient, "add_flags", refuse)
    store = Store()
    dovecot.deliver(mail(1))
    assert ImapPoller(dovecot.settings(), store).poll_once() == 1


def test_a_message_the_server_sends_without_its_text_is_refused(
    dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = imapclient.IMAPClient.fetch

    def without(client: Any, uids: Any, items: Any, *more: Any) -> Any:
        answers = real(client, uids, items, *more)
        if 2 in answers:
            answers[2].pop(b"BODY[]", None)
        return answers

    monkeypatch.setattr(imapclient.IMAPClient, "fetch", without)
    store = Store()
    for number in range(3):
        dovecot.deliver(mail(number))
    assert ImapPoller(dovecot.settings(), store).poll_once() == 3
    assert store.subjects() == [0, 2]
    assert "without its text" in store.refused[0][1]


def test_a_folder_that_is_missing_is_named(dovecot: Mailbox) -> None:
    with pytest.raises(imap.FolderMissing, match="has no folder Support"):
        ImapPoller(dovecot.settings(folder="Support"), Store()).poll_once()


def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()
    settings = ImapSettings(host="127.0.0.1", port=port, user="a", password=lambda: "b", tls="none")
    with pytest.raises(imap.CannotConnect, match=f"Cannot connect to 127.0.0.1:{port}"):
        ImapPoller(settings, Store()).poll_once()


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_certificate_is_checked(dovecot: Mailbox, tls: str) -> None:
    port = dovecot.server.tls_port if tls == "tls" else dovecot.server.port
    settings = dovecot.settings(host="localhost", port=port, tls=tls)
    with pytest.raises(imap.CertificateNotTrusted, match="is not trusted"):
        ImapPoller(settings, Store()).poll_once()
    trusting = ssl.create_default_context(cafile=str(dovecot.server.certificate))
    dovecot.deliver(mail(1))
    assert ImapPoller(settings, Store(), context=trusting).poll_once() == 1


def test_new_mail_arrives_by_idle_over_tls(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.server.certificate))
    store = Store()
    with polling(dovecot.settings(host="localhost", port=dovecot.server.tls_port, tls="tls"), store):
        until(lambda: store.polls, "the first poll")
        dovecot.deliver(mail(1))
        until(lambda: store.taken, "the mail")
    assert store.failures == []


def test_the_poller_stops_while_the_server_is_mute(dovecot: Mailbox, tcp_proxy: Proxies) -> None:
    store = Store()
    proxy = tcp_proxy(dovecot.server.port)
    with polling(dovecot.settings(port=proxy.port, timeout=100, idle_renew=0.1), store):
        until(lambda: store.polls, "the first poll")
        proxy.mute = True  # the renewal of the IDLE finds no answer; leaving the block needs the poller to end


def test_mail_comes_without_idle(dovecot: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imapclient.IMAPClient, "has_capability", lambda client, name: False)
    store = Store()
    with polling(dovecot.settings(poll=0.05), store):
        until(lambda: store.polls, "the first poll")
        dovecot.deliver(mail(1))
        until(lambda: store.taken, "the mail")
