"""The whole way of a mail: from a real mailbox to an agent, and the answer to a real mail server."""

from __future__ import annotations

import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.actions import cases, work
from data.actor import ENGINE
from data.desk import Desk
from data.sqlite import DiskFull
from intake.email.desk_store import DeskMailStore
from intake.email.imap import TRIES, ImapPoller
from tests.acceptance.world import World, a_world, box
from tests.faults.engines import engines_of
from tests.faults.mails import LENA, SUPPORT, mail, report, with_many_parts
from tests.services import PASSWORD, Dovecot, Mailbox, SmtpSink, TcpProxy, free_port, running_smtp_sink

pytestmark = pytest.mark.timeout(300)  # to give up only

TOKEN = re.compile(r"<(\d+)\.(\d+)\.[a-z2-7]{16}@ursamajor\.example>")


def answered(
    world: World, text: str = "Switch it off and on.", mail_id: str = "<1@ortiz-farm.example>"
) -> tuple[int, int]:
    """Bring a case to its answer; return its number and the answer's id."""
    world.present("maya")
    case = world.arrives(mail(mail_id=mail_id), mail_id)
    world.accepts("maya", case)
    message = world.act("maya", cases.reply, case, text)
    return case, message


def messages_of(world: World, case: int) -> list[tuple[str, str]]:
    return world.all("select direction, mail_id from messages where case_id = ? order by id", case)


def test_a_mail_becomes_a_case_is_answered_and_comes_back(world: World) -> None:
    world.present("maya")
    case = world.arrives(mail(), "<1@ortiz-farm.example>")
    assert world.status(case) == "new"
    world.accepts("maya", case)
    assert world.status(case) == "open"
    message = world.act("maya", cases.reply, case, "Switch it off and on.")
    answer, envelope = world.sent("Switch it off and on.")
    world.is_delivered(message)
    assert envelope.recipients == ("lena@ortiz-farm.example",)
    assert (answer["In-Reply-To"], answer["References"]) == ("<1@ortiz-farm.example>",) * 2
    token = TOKEN.fullmatch(answer["Message-ID"])
    assert token is not None
    assert (int(token[1]), int(token[2])) == (case, message)
    assert world.status(case) == "waiting_customer"

    again = mail("AW: Re: Inverter", "Still dark.", mail_id="<2@ortiz-farm.example>", answers=answer["Message-ID"])
    assert world.arrives(again, "<2@ortiz-farm.example>") == case
    assert world.status(case) == "open"
    second = world.act("maya", cases.reply, case, "We come by.", then="resolved")
    answer, _ = world.sent("We come by.")
    world.is_delivered(second)
    assert answer["In-Reply-To"] == "<2@ortiz-farm.example>"
    assert answer["References"].split() == [
        "<1@ortiz-farm.example>", world.one("select mail_id from messages where id = ?", message), "<2@ortiz-farm.example>",
    ]  # fmt: skip
    assert world.status(case) == "resolved"

    late = mail("Re: Inverter", "Dark again.", mail_id="<3@ortiz-farm.example>", answers=answer["Message-ID"])
    assert world.arrives(late, "<3@ortiz-farm.example>") == case
    assert world.status(case) == "open"
    world.offered(case)
    assert len(world.sink.received) == 2
    assert [direction for direction, _ in messages_of(world, case)] == ["inbound", "outbound"] * 2 + ["inbound"]


def test_a_declined_offer_goes_to_the_other_agent(world: World) -> None:
    world.present("maya", "tom")
    case = world.arrives(mail(), "<1@ortiz-farm.example>")
    first = world.offered(case)
    world.act(first, work.decline, world.work_of(case), reason="not mine")
    second = {"maya": "tom", "tom": "maya"}[first]
    world.accepts(second, case)
    assert world.one("select a.name from cases c join agents a on a.id = c.owner_id where c.id = ?", case) == second


# -- servers that fail


def test_a_mailbox_that_refuses_the_login_leaves_the_other_alone_and_heals(
    tmp_path: Path, dovecot_server: Dovecot, smtp_sink: SmtpSink
) -> None:
    if not dovecot_server.running:
        dovecot_server.start()
    boxes = {
        "good": box(dovecot_server.mailbox(), tmp_path),
        "bad": box(dovecot_server.mailbox(), tmp_path, "sales@ursamajor.example", password="wrong"),
    }
    with a_world(tmp_path, boxes, smtp_sink) as world:
        world.deliver(mail("Waits", mail_id="<w@ortiz-farm.example>", to="sales@ursamajor.example"), "bad")
        world.wait(lambda: "refused the login" in (world.failure("bad") or ""), "the failure is noted")
        world.arrives(mail(), "<1@ortiz-farm.example>", "good")
        assert world.failure("good") is None
        boxes["bad"].password.write_text(PASSWORD)
        world.case_of("<w@ortiz-farm.example>")
        world.wait(lambda: world.failure("bad") is None, "the failure is over")


def test_dovecot_stops_and_comes_back(world: World, dovecot_server: Dovecot) -> None:
    world.arrives(mail(), "<1@ortiz-farm.example>")
    dovecot_server.stop()
    try:
        world.deliver(mail("While it was away", mail_id="<2@ortiz-farm.example>"))
        world.wait(lambda: world.failure("support"), "the failure is noted")
    finally:
        dovecot_server.start()
    world.case_of("<2@ortiz-farm.example>")
    world.wait(lambda: world.failure("support") is None, "the failure is over")
    assert world.all("select mail_id, count(*) from messages group by mail_id having count(*) > 1") == []


def test_what_cannot_be_sent_is_tried_again_until_the_server_is_back(world: World) -> None:
    away = free_port()
    world.configure(smtp_port=away)
    case, message = answered(world)
    world.wait(
        lambda: world.one("select tries from outbox where message_id = ? and error is not null", message),
        "it was tried",
    )
    assert world.delivery(message)[0] == "queued"
    assert world.sink.received == []
    world.configure(smtp_port=world.sink.port)
    world.sent("Switch it off and on.")
    world.is_delivered(message)
    assert len(world.sink.received) == 1
    assert world.kinds(case).count("message.sent") == 1


def test_a_server_that_drops_the_connection_after_the_message_gets_it_again_under_the_same_id(world: World) -> None:
    world.sink.drop_after_data = 1
    _, message = answered(world)
    world.is_delivered(message)
    first, second = world.sink.received
    assert first.raw == second.raw
    assert first.raw.count(b"Message-ID: <") == 1


def test_a_final_refusal_is_shown(world: World) -> None:
    world.sink.refused["lena@ortiz-farm.example"] = "550 5.1.1 no such user"
    case, message = answered(world)
    world.is_delivered(message, "failed")
    assert "no such user" in world.delivery(message)[1]
    assert world.sink.received == []
    assert "message.failed" in world.kinds(case)
    assert world.one("select tries from outbox where message_id = ?", message) == 1


def test_new_uids_double_nothing(world: World, dovecot_server: Dovecot, dovecot: Mailbox) -> None:
    """The server forgets its UIDs while it is down, and gives new ones; even what lies in quarantine is not doubled."""
    world.arrives(mail(), "<1@ortiz-farm.example>")
    world.arrives(mail("Other", mail_id="<2@ortiz-farm.example>"), "<2@ortiz-farm.example>")
    world.deliver(with_many_parts(10_100))
    world.receipts(1, "quarantined")
    before = world.one("select uidvalidity from mailbox_states")
    dovecot_server.stop()
    try:
        dovecot.change_uidvalidity()
    finally:
        dovecot_server.start()
    world.deliver(mail("Third", mail_id="<3@ortiz-farm.example>"))
    world.case_of("<3@ortiz-farm.example>")
    world.receipts(3, "repeated")
    assert world.one("select uidvalidity from mailbox_states") != before
    assert world.one("select count(*) from messages") == world.one("select count(*) from cases") == 3
    assert world.one("select count(*) from mail_receipts where state = 'quarantined'") == 1
    assert world.one("select count(*) from journal where kind = 'mail.quarantined'") == 1


# -- an engine that sleeps


def test_a_stopped_engine_leaves_mailbox_and_outbox_to_the_next(world: World, dovecot: Mailbox) -> None:
    """It is stopped while its first of four answers is on its way, which arrives twice then; the others arrive once."""
    world.present("maya")
    first = world.engines.all[-1]
    numbers = [world.arrives(mail(mail_id=f"<{n}@ortiz-farm.example>"), f"<{n}@ortiz-farm.example>") for n in range(4)]
    for number in numbers:
        world.accepts("maya", number)
    world.sink.delay = 0.5
    answers = world.desk.run(
        world.actor("maya"), lambda tx: [cases.reply(tx, each, f"Answer {each}.") for each in numbers]
    )
    world.wait(lambda: world.sink.received, "the first answer arrives")  # and the second is on its way
    first.stop(world.where)
    world.sink.delay = 0.0
    second = world.engines.start()
    second.wait_acting()
    assert world.arrives(mail(mail_id="<while@ortiz-farm.example>"), "<while@ortiz-farm.example>")
    for answer in answers:
        world.is_delivered(answer)
    first.send(signal.SIGCONT)
    first.wait(first.stands_by, "the first one stands by")
    assert world.arrives(mail(mail_id="<after@ortiz-farm.example>"), "<after@ortiz-farm.example>")
    world.rests()
    assert world.failure("support") is None
    assert "could not" not in first.log()
    assert first.terminate() == 0
    arrived = Counter(each.raw for each in world.sink.received)
    assert len(arrived) == 4
    assert arrived.total() <= 6  # the one that had arrived may not have been settled, and the one on its way
    assert world.one("select count(*) from journal where kind = 'message.sent'") == 4
    assert world.one("select count(*) from messages where direction = 'inbound'") == 6


# -- a full disk

LARGE = mail("With a picture", mail_id="<large@ortiz-farm.example>", attachment=bytes(range(256)) * 12_000)  # 3 MB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    path = tmp_path / "small"
    path.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path], capture_output=True, check=False
    ).returncode:
        pytest.skip("only root can mount a small disk")
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def test_a_full_disk_leaves_the_mail_on_the_server_until_there_is_room(
    tmp_path: Path, small_disk: Path, dovecot: Mailbox, smtp_sink: SmtpSink, tcp_proxy: Callable[[int], TcpProxy]
) -> None:
    proxy = tcp_proxy(dovecot.server.port)
    boxes = {"support": box(dovecot, tmp_path, port=proxy.port)}
    with a_world(tmp_path, boxes, smtp_sink, where=small_disk / "desk.db") as world:
        world.arrives(mail(), "<1@ortiz-farm.example>")
        world.deliver(LARGE)
        world.wait(lambda: "is full" in world.engines.all[-1].log(), "it says that the disk is full")
        world.wait(lambda: proxy.accepted > 2 * TRIES, "it tries again and again")
        assert world.one("select count(*) from mail_receipts") == 1
        assert unseen(dovecot) == 1
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        case = world.case_of("<large@ortiz-farm.example>")
        world.wait(lambda: unseen(dovecot) == 0, "the server is told that it was taken")
        world.wait(lambda: world.failure("support") is None, "the failure is over")
        assert world.one("select size from attachments") == 256 * 12_000
        assert world.one("select count(*) from mail_receipts where state <> 'taken'") == 0
        world.present("tom")
        world.accepts("tom", case)


def test_a_desk_that_may_not_grow_leaves_the_mail_on_the_server(
    tmp_path: Path, dovecot: Mailbox, smtp_sink: SmtpSink
) -> None:
    """The same without root: SQLite is told how large the file may be, and says that the disk is full."""
    with engines_of(tmp_path, tmp_path) as none:
        world = World(tmp_path / "desk.db", tmp_path, {"support": box(dovecot, tmp_path)}, smtp_sink, none)
        with closing(world.desk) as desk:
            poller = ImapPoller(dovecot.settings(), DeskMailStore(desk, world.one("select id from mailboxes")))
            assert poller.poll_once() == 0
            limit(desk, world.one("pragma page_count") + 20)
            dovecot.deliver(LARGE)
            for _ in range(2 * TRIES):
                with pytest.raises(DiskFull, match="is full"):
                    poller.poll_once()
            assert world.one("select count(*) from mail_receipts") == world.one("select count(*) from messages") == 0
            assert unseen(dovecot) == 1
            limit(desk, 1_000_000)
            assert poller.poll_once() == 1
            assert poller.poll_once() == 0
            assert unseen(dovecot) == 0
            assert world.one("select count(*) from messages") == 1


def limit(desk: Desk, pages: int) -> None:
    desk.run(ENGINE, lambda tx: tx.connection.exec_driver_sql(f"pragma max_page_count = {pages}").all())


def unseen(mailbox: Mailbox) -> int:
    """Count the messages that the server was not told are seen."""
    files = [path for folder in ("new", "cur") for path in (mailbox.folder / folder).iterdir()]
    return sum("S" not in path.name.partition(":2,")[2] for path in files)


# -- machines


def test_a_bounce_is_shown_on_the_answer_that_came_back(world: World) -> None:
    case, message = answered(world)
    _, envelope = world.sent("Switch it off and on.")
    world.is_delivered(message)
    assert world.arrives(report(envelope.raw, "<dsn@mx.example>"), "<dsn@mx.example>") == case
    bounce = world.message("<dsn@mx.example>")
    assert (bounce.bounce, bounce.auto) == (1, 1)
    assert world.delivery(message)[0] == "failed"
    assert world.status(case) == "waiting_customer"
    assert world.kinds(case).count("message.bounced") == 1
    assert world.one("select count(*) from cases") == 1


def test_an_out_of_office_note_reopens_nothing(world: World) -> None:
    case, message = answered(world)
    answer, _ = world.sent("Switch it off and on.")
    away = mail(
        "Automatic reply: Re: Inverter", "I am on the fields until Monday.", mail_id="<o@ortiz-farm.example>",
        answers=answer["Message-ID"], headers={"Auto-Submitted": "auto-replied"},
    )  # fmt: skip
    world.is_delivered(message)
    assert world.arrives(away, "<o@ortiz-farm.example>") == case
    assert world.message("<o@ortiz-farm.example>").auto == 1
    assert world.status(case) == "waiting_customer"
    world.act("maya", cases.resolve, case)
    again = away.replace(b"<o@", b"<p@")
    assert world.arrives(again, "<p@ortiz-farm.example>") == case
    world.rests()
    assert world.status(case) == "resolved"


def test_our_own_answer_coming_back_is_not_taken(world: World) -> None:
    case, message = answered(world)
    _, envelope = world.sent("Switch it off and on.")
    world.is_delivered(message)
    world.deliver(b"Received: from mx.example by mail.example; Tue, 14 Nov 2023 22:13:20 +0000\r\n" + envelope.raw)
    world.receipts(1, "repeated")
    assert world.one("select count(*) from messages") == 2
    assert world.status(case) == "waiting_customer"


# -- identity and threads


def test_a_forged_token_and_a_strangers_number_open_linked_cases(world: World) -> None:
    case, message = answered(world)
    answer, _ = world.sent("Switch it off and on.")
    world.is_delivered(message)
    right = answer["Message-ID"]
    token = right.partition("@")[0][-16:]
    forged = right.replace(token, "a" * 16)
    mallory = "Mallory <mallory@evil.example>"
    first = world.arrives(
        mail("Re: Inverter", "Tell me all.", sender=mallory, mail_id="<m1@evil.example>", answers=forged),
        "<m1@evil.example>",
    )
    second = world.arrives(
        mail(f"Re: Inverter [#{case}]", "Me too.", sender=mallory, mail_id="<m2@evil.example>"), "<m2@evil.example>"
    )
    third = world.arrives(
        mail("Re: Inverter", "And I.", sender=mallory, mail_id="<m3@evil.example>", answers="<1@ortiz-farm.example>"),
        "<m3@evil.example>",
    )
    assert len({case, first, second, third}) == 4
    linked = dict(
        world.all("""select case_id, json_extract(data, '$.other') from journal where kind = 'case.linked'""")
    )
    assert [linked.get(each) for each in (first, second, third)] == [case] * 3
    assert world.status(case) == "waiting_customer"
    # The same number in a subject is enough for the customer.
    own = mail(f"Inverter [#{case}] again", "It is me.", mail_id="<own@ortiz-farm.example>")
    assert world.arrives(own, "<own@ortiz-farm.example>") == case
    assert world.status(case) == "open"


def test_one_mail_to_two_of_our_addresses_is_one_message(world: World) -> None:
    both = mail(to="support@ursamajor.example, sales@ursamajor.example")
    world.deliver(b"Delivered-To: support@ursamajor.example\r\n" + both)
    world.deliver(
        b"Delivered-To: sales@ursamajor.example\r\nReceived: by mx.example; Tue, 14 Nov 2023 22:13:21 +0000\r\n" + both
    )
    world.receipts(1, "repeated")
    assert world.one("select count(*) from messages") == 1
    # The same Message-ID with other content is another message: broken senders number anew after a restart.
    world.deliver(mail("Something else", "Not at all the same."))
    world.receipts(2, "taken")
    assert world.one("select count(*) from messages where mail_id = '<1@ortiz-farm.example>'") == 2


def test_an_answer_that_comes_before_what_it_answers_is_joined_by_it(world: World) -> None:
    late = mail(mail_id="<parent@ortiz-farm.example>")
    early = mail(
        "Re: Inverter shows E-31", "P.S.", mail_id="<child@ortiz-farm.example>", answers="<parent@ortiz-farm.example>"
    )
    case = world.arrives(early, "<child@ortiz-farm.example>")
    assert world.arrives(late, "<parent@ortiz-farm.example>") == case


# -- hostile text

HOSTILE = {
    "escape": "E-31 \x1b[2J\x1b]0;owned\x07 end",
    "bidi": "invoice \u202efdp.exe\u2066 end",
    "markup": "[@click=app.quit]press[/] [bold]now {0} {{ case.number }} %s",
    "nul": "before\x00after",
    "header": "break\r\nBcc: everybody@example.com",
    "long": "long " + "x" * 10_000,
    "empty": " ",
    "surrogate": "half \udce9 a letter",
}


def hostile(name: str, subject: str) -> bytes:
    """Return a mail with a subject that no mail library would write."""
    raw = subject.replace("\r\n", "\n").encode("utf-8", "surrogateescape")
    body = b"Text:\r\n" + raw + b"\r\n.\r\n\x00\x1b[2J\r\n"
    head = f"From: {LENA}\r\nTo: {SUPPORT}\r\nMessage-ID: <{name}@ortiz-farm.example>\r\nSubject: ".encode()
    return head + raw.replace(b"\n", b"\r\n ") + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body


def test_hostile_subjects_come_through(world: World) -> None:
    world.present("maya")
    for name, subject in HOSTILE.items():
        world.deliver(hostile(name, subject))
    answers = {}
    for name in HOSTILE:
        case = world.case_of(f"<{name}@ortiz-farm.example>")
        world.rests()
        world.act("maya", cases.assign, case, agent="maya")
        answers[name] = world.act("maya", cases.reply, case, f"About the {name}.\x1b[2J\x00 end")
    for name, message in answers.items():
        world.is_delivered(message)
        answer, envelope = world.sent(f"About the {name}.")
        assert envelope.recipients == ("lena@ortiz-farm.example",)
        assert [key.lower() for key, _ in answer.items()].count("bcc") == 0
        assert answer["In-Reply-To"] == f"<{name}@ortiz-farm.example>"
        head = envelope.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", head), head
        assert max(map(len, head.split(b"\n"))) <= 998
    assert world.one("select count(*) from mail_receipts where state = 'quarantined'") == 0
    assert len(world.sink.received) == len(HOSTILE)


def test_what_cannot_be_read_keeps_its_bytes(world: World) -> None:
    raw = with_many_parts(10_100)
    world.deliver(raw)
    world.receipts(1, "quarantined")
    world.arrives(mail(), "<1@ortiz-farm.example>")
    reason, content = world.all(
        "select r.reason, b.content from mail_receipts r join blobs b on b.digest = r.raw_digest where r.state = 'quarantined'"
    )[0]
    assert "parts" in reason
    assert content == raw


def test_the_second_mail_server_gets_what_the_first_refused(world: World) -> None:
    """A mail server that answers 4xx is asked again, one that was replaced gets what waits."""
    world.sink.answer = "451 4.3.0 try again later"
    _, message = answered(world)
    world.wait(lambda: world.one("select error from outbox where message_id = ?", message), "it was tried")
    with running_smtp_sink() as other:
        world.configure(smtp_port=other.port)
        world.is_delivered(message)
        assert len(other.received) == 1
    assert world.sink.received == []
