"""Mail by hand: from a mail server's pipe, from files, from a mailbox without an engine, and what leaves the desk."""

from __future__ import annotations

import json
import mailbox
from pathlib import Path

import pytest

from core.actions import cases
from core.config.document import Address, Imap, Secret
from core.config.document import Mailbox as ConfiguredMailbox
from core.engine import outbox
from data.actor import ENGINE, INTAKE
from intake.email.receive import Place, quarantine
from tests.builders import Story, document
from tests.console.driving import Ran, program
from tests.services import PASSWORD, Mailbox, free_port

MAIL = (
    b"From: Lena <lena@ortiz-farm.example>\nTo: support@ursamajor.example\nSubject: %s\nMessage-ID: <%d@x>\n\nHello\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Story:
    return Story(tmp_path / "desk.db")


def at(desk: Story, *argv: str, stdin: bytes = b"", **env: str) -> Ran:
    return program(*argv, desk=desk.desk.where, stdin=stdin, **env)


def test_a_piped_mail_is_a_case_and_piped_again_it_is_not(desk: Story) -> None:
    first = at(desk, "mail", "pipe", stdin=MAIL % (b"Dark", 1))
    again = at(desk, "mail", "pipe", "--json", stdin=(MAIL % (b"Dark", 1)).replace(b"\n", b"\r\n"))
    assert (first.code, first.out) == (0, "Taken: case #1.\n")
    assert json.loads(again.out) == {"source": "stdin", "state": "repeated", "case": 1, "reason": "it was taken before"}


def test_a_pipe_whose_desk_is_away_asks_the_mail_server_to_try_again(tmp_path: Path) -> None:
    ran = program("mail", "pipe", desk=tmp_path / "nowhere.db", stdin=MAIL % (b"Dark", 1))
    assert ran.code == 75
    assert "nowhere.db" in ran.err


def test_files_of_every_kind_are_taken_once_each(desk: Story, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(MAIL % (b"One", 1))
    box = mailbox.mbox(tmp_path / "old.mbox")
    for number in (2, 3):
        box.add(MAIL % (b"Old", number))
    box.close()
    maildir = mailbox.Maildir(tmp_path / "dir")
    maildir.add(MAIL % (b"Dir", 4))
    (tmp_path / "bad-header.eml").write_bytes(b"From: x\nMessage-ID: <5@x>\nSubject: \xff\x00\x1b[2J\n\n\x00")
    (tmp_path / "empty.mbox").write_bytes(b"")
    paths = [str(tmp_path / name) for name in ("one.eml", "old.mbox", "dir", "bad-header.eml", "empty.mbox")]
    ran = at(desk, "mail", "ingest", *paths, "--json")
    counts = json.loads(ran.out)
    assert (ran.code, counts["taken"], counts["repeated"], counts["refused"]) == (0, 5, 0, 0)
    assert json.loads(at(desk, "mail", "ingest", *paths, "--json").out)["repeated"] == 5
    assert at(desk, "mail", "ingest", str(tmp_path / "missing")).code == 3
    assert desk.one("select count(*) from messages") == 5


NO_MAILS = {
    "binary.eml": b"\xff\x00\x1b[2J" * 20,
    "paper.pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
    "notes.txt": b"Buy milk and bread.\nCall Lena.\n",
    "list.yaml": b"milk: 2\nbread: 1\n",
    "report.txt": b"Note: as agreed\n\nFrom: the beginning\nTo: the end\n",
    "zip.mbox": b"PK\x03\x04\x14\x00From: nobody\n",
    "nothing.eml": b"",
}


def test_files_that_are_no_mail_are_refused_by_name_and_the_others_are_taken(desk: Story, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name, content in NO_MAILS.items():
        (folder / name).write_bytes(content)
    (folder / "one.eml").write_bytes(MAIL % (b"One", 1))
    (folder / "zz-last.eml").write_bytes(b"\nSubject: Cut off")
    ran = at(desk, "mail", "ingest", str(folder), "--json")
    done = json.loads(ran.out)
    assert (ran.code, done["taken"], done["refused"]) == (1, 2, len(NO_MAILS))
    assert {Path(each["source"]).name for each in done["mails"] if each["state"] == "refused"} == set(NO_MAILS)
    assert all(name in ran.err for name in NO_MAILS)
    assert desk.one("select count(*) from cases") == 2


def test_what_is_left_of_a_mail_in_a_maildir_is_taken(desk: Story, tmp_path: Path) -> None:
    maildir = mailbox.Maildir(tmp_path / "dir")
    for raw in (b"", b"Hello, half a", MAIL % (b"Whole", 1)):
        (tmp_path / "dir" / "new" / f"{len(raw)}.x").write_bytes(raw)
    maildir.close()
    ran = at(desk, "mail", "ingest", str(tmp_path / "dir"), "--json")
    assert (ran.code, json.loads(ran.out)["taken"]) == (0, 3)


def test_a_poll_without_an_engine_takes_what_is_new_and_says_which_mailbox_failed(
    desk: Story, dovecot: Mailbox
) -> None:
    imap = dovecot.settings()
    wanted = document()
    boxes = {
        name: ConfiguredMailbox(
            imap=Imap(host="127.0.0.1", port=port, tls="none", user=imap.user, password=Secret(env="BOX_PASSWORD")),
            sender=f"{name}@ursamajor.example",
            addresses={f"{name}@ursamajor.example": Address(queue="tier-1")},
        )
        for name, port in (("good", imap.port), ("gone", free_port()))
    }
    desk.configure(wanted.model_copy(update={"mailboxes": boxes}))
    dovecot.deliver(MAIL % (b"Dark", 1))
    ran = at(desk, "mail", "poll", "--json", BOX_PASSWORD=PASSWORD)
    good, gone = json.loads(ran.out)["mailboxes"][1], json.loads(ran.out)["mailboxes"][0]
    assert ran.code == 1
    assert (good["mailbox"], good["mails"], good["failure"]) == ("good", 1, None)
    assert (gone["mailbox"], gone["mails"]) == ("gone", 0)
    assert "127.0.0.1" in gone["failure"]
    assert at(desk, "mail", "poll", "nosuch").code == 3
    desk.desk.close()


def test_an_answer_that_failed_is_listed_with_the_reason_and_sent_again_on_demand(desk: Story) -> None:
    case = desk.customer_writes()
    message = desk.act("admin", cases.reply, case, "Try this")
    row = desk.desk.run(ENGINE, outbox.take_due, "mail")[0]
    desk.desk.run(ENGINE, outbox.not_sent, row, "550 no such user", permanent=True)

    listed = at(desk, "mail", "outbox", "--state", "failed")
    assert "550 no such user" in listed.out
    assert ("lena@ortiz-farm.example" in listed.out, "[" in listed.out) == (True, False)
    [item] = json.loads(at(desk, "mail", "outbox", "--state", "failed", "--json").out)["outbox"]
    assert item["recipients"] == ["lena@ortiz-farm.example"]
    assert at(desk, "mail", "outbox", "--again", str(message)).code == 0
    assert desk.one("select state from outbox") == "queued"
    refused = at(desk, "mail", "outbox", "--again", str(message))
    assert (refused.code, "has not failed" in refused.err) == (1, True)


def test_engine_status_says_that_nobody_acts(desk: Story) -> None:
    ran = at(desk, "engine", "status", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["acting"] is False


def with_parts(count: int) -> bytes:
    head = b"From: lena@ortiz-farm.example\nSubject: \x1b[2J much\nMessage-ID: <m@x>\n"
    return head + b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * count + b"--b--\n"


def test_what_is_in_quarantine_is_listed_shown_and_tried_again(desk: Story) -> None:
    """The header is told without what would paint on the terminal, and a mail that can be read by now becomes a case."""
    assert json.loads(at(desk, "mail", "pipe", "--json", stdin=with_parts(10_100)).out)["state"] == "quarantined"
    number = str(desk.one("select id from mail_receipts"))
    [item] = json.loads(at(desk, "mail", "quarantine", "list", "--json").out)["quarantine"]
    assert (str(item["id"]), "parts" in item["reason"], item["mailbox"]) == (number, True, None)
    assert number in at(desk, "mail", "quarantine", "list").out
    assert "1 mail could not be read" in at(desk, "doctor").out

    shown = at(desk, "mail", "quarantine", "show", number)
    assert shown.code == 0
    assert "parts" in shown.out
    assert "Message-ID: <m@x>" in shown.out
    assert "\x1b" not in shown.out
    assert "--b" not in shown.out
    whole = json.loads(at(desk, "mail", "quarantine", "show", number, "--json").out)
    assert "Subject: \x1b[2J much" in whole["header"]

    still = at(desk, "mail", "quarantine", "retry", number)
    assert (still.code, "parts" in still.out) == (1, True)

    raw = with_parts(3)
    desk.desk.run(INTAKE, quarantine, raw, Place(), "an older reader could not")
    number = str(desk.one("select max(id) from mail_receipts"))
    taken = at(desk, "mail", "quarantine", "retry", number, "--json")
    assert taken.code == 0
    assert json.loads(taken.out) == {"mail": int(number), "state": "taken", "case": 1, "reason": None}
    assert json.loads(at(desk, "mail", "pipe", "--json", stdin=raw).out)["state"] == "repeated"
    assert "1 mail could not be read" in at(desk, "doctor").out
    assert "left quarantine" in at(desk, "journal", "tail").out
    assert at(desk, "mail", "quarantine", "retry", number).code == 3
    assert at(desk, "mail", "quarantine", "show", number).code == 3
    assert at(desk, "mail", "quarantine", "show", "none").code == 2


def test_an_agent_does_not_let_mail_out_of_quarantine(desk: Story) -> None:
    desk.desk.run(INTAKE, quarantine, with_parts(3), Place(), "an older reader could not")
    number = str(desk.one("select id from mail_receipts"))
    assert at(desk, "mail", "quarantine", "retry", number, "--as", "maya").code == 4
