"""Who may write into which case, what an answer goes to, and what counts as the same mail."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from core.access import INTAKE, LOCAL_ADMIN
from core.actions import cases
from core.errors import NotAllowed, NotFound
from data.desk import Desk
from data.transaction import Tx
from intake.email import mime
from intake.email.receive import NothingFetched, Place, Read, Receipt, kept, quarantine, read, retry, take, take_all
from tests.builders import Story


@pytest.fixture
def desk(tmp_path: Path) -> Story:
    return Story(tmp_path / "desk.db")


def comes(desk: Story, number: int, sender: str, subject: str, *headers: str, text: str = "Hello") -> Receipt:
    lines = [f"From: {sender}", f"Subject: {subject}", f"Message-ID: <{number}@x.example>", *headers]
    receipt = desk.desk.run(INTAKE, take, read(("\n".join(lines) + f"\n\n{text}\n").encode()))
    desk.settle()
    return receipt


@pytest.mark.parametrize("stranger", ["support@ursamajor.example", "o", "@", "na@ortiz-farm.example", "ort@x.example"])
def test_a_part_of_an_address_is_not_the_address(desk: Story, stranger: str) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark", "To: support@ursamajor.example").case
    desk.act("admin", cases.reply, case, "Try this")
    assert comes(desk, 2, stranger, f"Re: Dark [#{case}]").case != case


def test_whom_the_desk_wrote_to_may_answer_without_headers(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark", "Reply-To: Farm <office@ortiz-farm.example>").case
    desk.act("admin", cases.reply, case, "Try this")
    assert comes(desk, 2, "Office@Ortiz-Farm.example", f"Dark [#{case}]").case == case


def test_a_mail_that_only_names_a_case_does_not_divert_its_answers(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    spoofed = comes(desk, 2, "lena@ortiz-farm.example", f"[#{case}]", "Reply-To: evil@evil.example")
    assert spoofed.case == case
    desk.act("admin", cases.reply, case, "The gate code is 1234")
    assert desk.one("select recipients from messages where direction = 'outbound'") == '["lena@ortiz-farm.example"]'


def test_nobody_draws_anothers_later_mail_into_a_case_by_putting_them_in_copy(desk: Story) -> None:
    theirs = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    trap = comes(
        desk, 2, "evil@evil.example", "Trap", "Cc: lena@ortiz-farm.example", "References: <1@x.example> <9@x.example>"
    ).case
    assert trap != theirs
    later = comes(
        desk, 3, "lena@ortiz-farm.example", "Re: Dark", "In-Reply-To: <9@x.example>", "References: <1@x.example>"
    )
    assert later.case == theirs


@pytest.mark.parametrize(("action", "delivery"), [("delivered", "queued"), ("delayed", "queued"), ("failed", "failed")])
def test_only_a_report_of_failure_marks_an_answer_as_failed(desk: Story, action: str, delivery: str) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    desk.act("admin", cases.reply, case, "Try this")
    ours = desk.one("select mail_id from messages where direction = 'outbound'")
    report = (
        "From: MAILER-DAEMON@mx.example\nSubject: Report\nMessage-ID: <r@mx.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nA report.\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; lena@ortiz-farm.example\nAction: {action}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ours}\n\n--b--\n"
    )
    receipt = desk.desk.run(INTAKE, take, read(report.encode()))
    assert receipt.case == case
    assert desk.one("select delivery from messages where direction = 'outbound'") == delivery
    assert desk.status(case) == "waiting_customer"


def test_a_customers_answer_over_a_list_brings_the_case_back_and_a_machines_does_not(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    desk.act("admin", cases.reply, case, "Try this")
    ours = desk.one("select mail_id from messages where direction = 'outbound'")
    comes(desk, 2, "lena@ortiz-farm.example", "Out of office", f"In-Reply-To: {ours}", "Auto-Submitted: auto-replied")
    assert desk.status(case) == "waiting_customer"
    comes(desk, 3, "lena@ortiz-farm.example", "Re: Dark", f"In-Reply-To: {ours}", "List-ID: <farm.ortiz.example>")
    assert desk.status(case) == "open"


def test_another_text_under_one_of_our_message_ids_is_another_message(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    desk.act("admin", cases.reply, case, "Try this")
    ours = desk.one("select mail_id from messages where direction = 'outbound'")
    other = f"From: lena@ortiz-farm.example\nSubject: x\nMessage-ID: {ours}\n\nMine\n".encode()
    copy = f"From: Ursa <support@ursamajor.example>\nSubject: x\nMessage-ID: {ours}\n\nTry this\n".encode()
    assert desk.desk.run(INTAKE, take, read(other)).state == "taken"
    assert desk.desk.run(INTAKE, take, read(copy)).state == "repeated"
    assert desk.one("select count(*) from mail_receipts where raw_digest is null") == 0


def test_mails_that_differ_only_in_an_oddly_written_header_are_two_and_so_are_two_equal_alarms(desk: Story) -> None:
    odd = b"From: a@b.example\nSubject : %s\nMessage-ID: <odd@x>\n\nHello\n"
    alarm = b"From: monitor@b.example\nSubject: Disk full\n\nHost 7\n"
    mails = [odd % b"One", odd % b"Two", odd % b"Two", alarm, alarm]
    states = [desk.desk.run(INTAKE, take, read(raw)).state for raw in mails]
    assert states == ["taken", "taken", "repeated", "taken", "taken"]


ALARM = b"From: monitor@b.example\nSubject: Disk full\n\nHost 7\n"


def test_equal_alarms_are_two_also_in_one_transaction_and_in_one_mailbox(desk: Story) -> None:
    box = desk.one("select id from mailboxes")
    piped = desk.desk.run(INTAKE, take_all, [read(ALARM), read(ALARM), read(ALARM)])
    assert [each.state for each in piped] == ["taken"] * 3
    other = ALARM.replace(b"7", b"8")
    polled = desk.desk.run(INTAKE, take_all, [read(other, Place(box, 5, uid)) for uid in (1, 2)])
    assert [each.state for each in polled] == ["taken"] * 2
    again = desk.desk.run(INTAKE, take_all, [read(other, Place(box, 6, uid)) for uid in (1, 2)])
    assert [each.state for each in again] == ["repeated"] * 2


# -- our own addresses


@pytest.mark.parametrize("sender", ["support@ursamajor.example", "Ursa <SUPPORT@UrsaMajor.example>"])
def test_mail_from_our_own_address_is_kept_but_is_no_customers(desk: Story, sender: str) -> None:
    receipt = comes(desk, 1, sender, "To ourselves", "To: support@ursamajor.example")
    assert receipt.state == "taken"
    assert desk.all("select contact_id from cases") == [(None,)]
    assert desk.all("select auto, contact_id from messages") == [(1, None)]
    assert desk.one("select count(*) from contact_points where folded = 'support@ursamajor.example'") == 0


def test_our_own_address_takes_part_in_no_case_even_where_it_is_a_contact(desk: Story) -> None:
    case = desk.customer_writes(sender="support@ursamajor.example")
    assert comes(desk, 1, "support@ursamajor.example", f"Re: Dark [#{case}]").case != case


def test_our_own_address_with_our_token_writes_on_the_case_and_brings_nothing_back(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark").case
    desk.act("admin", cases.reply, case, "Try this")
    ours = desk.one("select mail_id from messages where direction = 'outbound'")
    assert comes(desk, 2, "support@ursamajor.example", "Fwd: Dark", f"In-Reply-To: {ours}").case == case
    assert desk.status(case) == "waiting_customer"


def test_a_form_that_sends_from_our_address_can_be_answered_where_it_says(desk: Story) -> None:
    case = comes(desk, 1, "support@ursamajor.example", "Form", "Reply-To: lena@ortiz-farm.example").case
    desk.act("admin", cases.reply, case, "Try this")
    assert desk.one("select recipients from messages where direction = 'outbound'") == '["lena@ortiz-farm.example"]'


# -- threading


def test_the_case_that_has_a_message_comes_before_a_newer_one_that_only_mentions_it(desk: Story) -> None:
    sender = "lena@ortiz-farm.example"
    case = comes(desk, 5, sender, "Dark").case
    newer = comes(desk, 6, sender, "Newer", "References: <8@x.example>").case
    assert newer != case
    late = comes(desk, 7, sender, "Re: Dark", "In-Reply-To: <8@x.example>", "References: <5@x.example>")
    assert late.case == case


def test_a_message_that_is_only_mentioned_still_leads_to_its_case(desk: Story) -> None:
    case = comes(desk, 1, "lena@ortiz-farm.example", "Dark", "References: <8@x.example>").case
    assert comes(desk, 2, "lena@ortiz-farm.example", "Re: Dark", "In-Reply-To: <8@x.example>").case == case


# -- at the same moment


def test_two_pollers_that_take_the_same_mail_at_once_take_it_once(
    postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Story(postgres)
    place = Place(desk.one("select id from mailboxes"), 5, 1)
    mail = read(b"From: lena@ortiz-farm.example\nSubject: Dark\nMessage-ID: <1@x.example>\n\nHello\n", place)
    waits = text("select count(*) from pg_locks where not granted")

    def first(tx: Tx) -> Receipt:
        receipt = take(tx, mail)
        second.start()
        until = time.monotonic() + 20
        while not tx.scalar(waits) and time.monotonic() < until:
            time.sleep(0.01)
        return receipt

    receipts: list[Receipt] = []
    with Desk.open(postgres, clock=desk.clock) as other:
        second = threading.Thread(target=lambda: receipts.append(other.run(INTAKE, take, mail)))
        with caplog.at_level(logging.ERROR, "deskline.mail"):
            receipts.append(desk.desk.run(INTAKE, first))
            second.join()
    assert sorted(each.state for each in receipts) == ["repeated", "taken"]
    assert {each.case for each in receipts} == {1}
    assert caplog.records == []
    assert desk.one("select count(*) from mail_receipts") == 1
    desk.desk.close()


# -- quarantine


def with_parts(count: int, *, via: bytes = b"") -> bytes:
    head = (
        via
        + b'From: lena@ortiz-farm.example\nSubject: Much\nMessage-ID: <m@x.example>\nContent-Type: multipart/mixed; boundary="b"\n\n'
    )
    return head + b"--b\nContent-Type: text/plain\n\nx\n" * count + b"--b--\n"


@pytest.fixture
def few_parts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The reader takes three parts and no more, until a test undoes it."""
    monkeypatch.setattr(mime, "MAX_PARTS", 3)
    return monkeypatch


def test_what_is_in_quarantine_twice_keeps_the_bytes_of_both(desk: Story, few_parts: pytest.MonkeyPatch) -> None:
    box = desk.one("select id from mailboxes")
    mails = [with_parts(5, via=b"Received: from %s\n" % each) for each in (b"a", b"b", b"b")]
    taken = desk.desk.run(INTAKE, take_all, [read(raw, Place(box, 5, uid)) for uid, raw in enumerate(mails, 1)])
    assert [each.state for each in taken] == ["quarantined", "repeated", "repeated"]
    kept_raw = desk.all("select b.content from mail_receipts r join blobs b on b.digest = r.raw_digest order by r.id")
    assert [bytes(raw) for (raw,) in kept_raw] == mails
    assert desk.one("select count(*) from blobs") == 2


def held(desk: Story, raw: bytes, place: Place) -> int:
    """Put a mail into quarantine and return its number there."""
    assert desk.desk.run(INTAKE, take, read(raw, place)).state == "quarantined"
    return desk.one("select max(id) from mail_receipts where state = 'quarantined'")


def again(desk: Story, number: int) -> Read:
    with desk.desk.reading() as connection:
        return kept(connection, number)


def test_a_mail_leaves_quarantine_once_it_can_be_read(desk: Story, few_parts: pytest.MonkeyPatch) -> None:
    place = Place(desk.one("select id from mailboxes"), 5, 1)
    number = held(desk, with_parts(5), place)
    receipt = desk.act("admin", retry, number, again(desk, number))
    assert (receipt.state, "parts" in receipt.reason) == ("quarantined", True)
    few_parts.undo()
    read_anew = again(desk, number)
    receipt = desk.act("admin", retry, number, read_anew)
    assert (receipt.state, receipt.case) == ("taken", 1)
    assert desk.all("select state, uid, message_id from mail_receipts") == [("taken", 1, receipt.message_id)]
    assert desk.one("select case_id from journal where kind = 'mail.released'") == 1
    assert desk.desk.run(INTAKE, take, read(with_parts(5), place)).state == "repeated"
    assert desk.desk.run(INTAKE, take, read(with_parts(5))).state == "repeated"
    with pytest.raises(NotFound):
        desk.act("admin", retry, number, read_anew)
    with pytest.raises(NotFound):
        again(desk, number)


def test_a_mail_that_cannot_be_taken_stays_in_quarantine_as_it_was(
    desk: Story, few_parts: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = held(desk, with_parts(5), Place(desk.one("select id from mailboxes"), 5, 1))
    before = desk.all("select * from mail_receipts")
    few_parts.undo()
    read_anew = again(desk, number)
    desk.desk.run(LOCAL_ADMIN, lambda tx: tx.execute(text("delete from channels where name = 'email'")))
    with caplog.at_level(logging.CRITICAL, "deskline.mail"):
        receipt = desk.act("admin", retry, number, read_anew)
    assert receipt.state == "quarantined"
    assert desk.all("select * from mail_receipts") == before
    assert desk.kinds().count("mail.released") == 0


def test_only_a_supervisor_retries_and_nothing_is_made_of_a_mail_of_which_nothing_came(
    desk: Story, few_parts: pytest.MonkeyPatch
) -> None:
    number = held(desk, with_parts(5), Place())
    with pytest.raises(NotAllowed):
        desk.act("maya", retry, number, again(desk, number))
    place = Place(desk.one("select id from mailboxes"), 5, 2)
    desk.desk.run(INTAKE, quarantine, b"", place, "the server does not send it")
    with pytest.raises(NothingFetched):
        again(desk, desk.one("select max(id) from mail_receipts"))
