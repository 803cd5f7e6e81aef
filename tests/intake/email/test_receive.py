"""Who may write into which case, what an answer goes to, and what counts as the same mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.actions import cases
from data.actor import INTAKE
from intake.email.receive import Receipt, read, take
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
