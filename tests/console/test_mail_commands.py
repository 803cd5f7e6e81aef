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
from data.actor import ENGINE
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
    (tmp_path / "broken").write_bytes(b"\xff\x00\x1b[2J")
    paths = [str(tmp_path / name) for name in ("one.eml", "old.mbox", "dir", "broken")]
    ran = at(desk, "mail", "ingest", *paths, "--json")
    counts = json.loads(ran.out)
    assert (ran.code, counts["taken"], counts["repeated"]) == (0, 5, 0)
    assert json.loads(at(desk, "mail", "ingest", *paths, "--json").out)["repeated"] == 5
    assert at(desk, "mail", "ingest", str(tmp_path / "missing")).code == 3
    assert desk.one("select count(*) from messages") == 5


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
    row = desk.desk.run(ENGINE, outbox.take_due)[0]
    desk.desk.run(ENGINE, outbox.not_sent, row, "550 no such user", permanent=True)

    listed = at(desk, "mail", "outbox", "--state", "failed")
    assert "550 no such user" in listed.out
    assert at(desk, "mail", "outbox", "--again", str(message)).code == 0
    assert desk.one("select state from outbox") == "queued"
    refused = at(desk, "mail", "outbox", "--again", str(message))
    assert (refused.code, "has not failed" in refused.err) == (1, True)


def test_engine_status_says_that_nobody_acts(desk: Story) -> None:
    ran = at(desk, "engine", "status", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["acting"] is False
