"""An answer as a mail: nothing that somebody wrote becomes a header line or a body of its own."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Iterator, Sequence
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest

from core import outgoing
from core.actions import cases
from core.engine import outbox
from core.errors import NoRecipient
from data.actor import ENGINE
from data.transaction import Tx
from intake.email import sender as sender_module
from intake.email.compose import Composed, NotComposed, compose
from intake.email.sender import OutboxSender
from intake.email.smtp import Answer, SendFailed, SmtpSession, SomeRefused
from tests.builders import Story

SENDER = "Ursa Major Solar <support@ursamajor.example>"
BREAKING = "=?utf-8?q?hello=0D=0ABcc:_evil@evil.example=0D=0A=0D=0AAnother_body?="
NAMES = ["From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path / "desk.db")
    yield story
    story.desk.close()


def answer(desk: Story, subject: str = "Inverter", text: str = "Switch it off and on.") -> int:
    return desk.act("maya", cases.reply, desk.customer_writes(subject), text)


def change(desk: Story, message: int, **columns: str) -> None:
    def write(tx: Tx) -> None:
        for column, value in columns.items():
            tx.connection.exec_driver_sql(f"update messages set {column} = ? where id = ?", (value, message))

    desk.desk.run(ENGINE, write)


def composed(desk: Story, message: int, sender: str = SENDER) -> Composed:
    with desk.desk.reading() as connection:
        return compose(connection, message, sender)


def parsed(content: bytes) -> Message:
    """Read by the parser that decodes nothing."""
    return email.message_from_bytes(content, policy=email.policy.compat32)


def subject_of(content: bytes) -> str:
    return str(make_header(decode_header(parsed(content)["Subject"])))


def text_of(content: bytes) -> str:
    body = parsed(content).get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode().replace("\r\n", "\n")


def test_a_plain_answer_has_its_header_lines_and_nothing_more(desk: Story) -> None:
    message = answer(desk)
    mail = composed(desk, message)
    assert parsed(mail.content).keys() == NAMES
    assert mail.recipients == ("lena@ortiz-farm.example",)
    assert mail.content.startswith(
        b"From: Ursa Major Solar <support@ursamajor.example>\r\nTo: lena@ortiz-farm.example\r\nSubject: Re: Inverter [#1]\r\n"
    )
    assert mail.content.endswith(b"\r\n\r\nSwitch it off and on.\r\n")
    assert composed(desk, message) == mail


@pytest.mark.parametrize(
    "subject",
    [
        BREAKING,
        "=?utf-8?b?" + "DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxlDQoNCmJvZHk=" + "?=",
        "plain\r\nBcc: evil@evil.example\r\n\r\nbody",
        "Störung\r\nBcc: x@y.example",
        "\x85\u2028\u202e\x00\x0b\x0c",
        "=?",
        "a" * 5000,
        "ä\U0001f600" * 600,
        "ü " * 16000,
    ],
)
def test_no_subject_becomes_anything_else(desk: Story, subject: str) -> None:
    message = answer(desk, "x")
    change(desk, message, subject=subject)
    content = composed(desk, message).content
    assert parsed(content).keys() == NAMES
    assert text_of(content) == "Switch it off and on.\n"
    assert max(map(len, content.split(b"\r\n"))) <= 998
    if "=?" in subject:
        assert subject_of(content) == subject
        assert b"=0D" not in content


def test_a_subject_beyond_ascii_is_readable_and_its_lines_are_short(desk: Story) -> None:
    content = composed(desk, answer(desk, "Wechselrichter größer, später: " + "äöü€😀 " * 20)).content
    assert subject_of(content).startswith("Re: Wechselrichter größer, später: äöü€😀 äöü€😀")
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.partition(b"Subject")[2].partition(b"\r\nDate")[0].split(b"\r\n"))) <= 76


@pytest.mark.parametrize(
    "recipient",
    [
        BREAKING,
        "=?utf-8?q?a=0D=0ABcc:x?=@evil.example",
        "a@b.example\r\nBcc: evil@evil.example",
        "a@b.example, c@d.example",
        "Lena <a@b.example>",
        '"a b"@c.example',
        "a@b@c.example",
        "a\u202e@b.example",
        "nobody",
        "",
    ],
)
def test_a_recipient_that_is_no_plain_address_is_refused(desk: Story, recipient: str) -> None:
    message = answer(desk)
    change(desk, message, recipients=json.dumps([recipient]))
    with pytest.raises(NotComposed):
        composed(desk, message)


@pytest.mark.parametrize("mail_id", ["<=?utf-8?q?=0D=0A?=@x>", "<a b@x>", "<a@x>\r\nBcc: e@e", "<ä@x>", "a@x", ""])
def test_a_message_id_that_could_be_more_is_refused_as_ours_and_left_out_as_another(desk: Story, mail_id: str) -> None:
    message = answer(desk)
    change(desk, 1, mail_id=mail_id)
    assert parsed(composed(desk, message).content).keys() == NAMES
    change(desk, 1, mail_id="<first@customer.example>")
    threaded = parsed(composed(desk, message).content)
    assert (threaded["In-Reply-To"], threaded["References"]) == ("<first@customer.example>",) * 2
    change(desk, message, mail_id=mail_id)
    with pytest.raises(NotComposed):
        composed(desk, message)


@pytest.mark.parametrize("name", [BREAKING, "Störung, GmbH", 'The "Desk", Inc.', "x" * 2000])
def test_the_name_of_a_sender_stays_a_name(desk: Story, name: str) -> None:
    quoted = '"' + name.replace('"', '\\"') + '"'
    content = composed(desk, answer(desk), f"{quoted} <support@ursamajor.example>").content
    assert parsed(content).keys() == NAMES
    assert parsed(content)["From"].endswith("<support@ursamajor.example>")


@pytest.mark.parametrize(
    "text",
    [
        "Grüße\nIda",
        "long " * 1000,
        "ü" * 3000,
        "a\x00b\x0b\x0cc\x85",
        ".\n..\nFrom here\n\n\n.",
        "x\rBcc: y\r\nz",
        "\n",
    ],
)
def test_a_body_arrives_as_it_was_written_in_seven_bits(desk: Story, text: str) -> None:
    message = answer(desk)
    change(desk, message, text=text)
    content = composed(desk, message).content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    expected = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    assert text_of(content).rstrip("\n") == expected.rstrip("\n")


@pytest.mark.parametrize("reply_to", [BREAKING, "SUPPORT@ursamajor.example", "a@b, c@d", "x y@z.example"])
def test_an_answer_goes_to_the_known_address_where_the_reply_address_is_unusable(desk: Story, reply_to: str) -> None:
    case = desk.customer_writes()
    change(desk, 1, reply_to=reply_to)
    message = desk.act("maya", cases.reply, case, "Hello")
    assert composed(desk, message).recipients == ("lena@ortiz-farm.example",)


def test_an_answer_to_ourselves_is_refused(desk: Story) -> None:
    case = desk.customer_writes(sender="Support@UrsaMajor.example")
    with pytest.raises(NoRecipient):
        desk.act("maya", cases.reply, case, "Hello")


def test_the_subject_of_an_answer_is_cut() -> None:
    assert outgoing.answer_subject("re: RE: Inverter", 7) == "Re: Inverter [#7]"
    assert outgoing.answer_subject("Inverter [#7]", 7) == "Re: Inverter [#7]"
    long = outgoing.answer_subject("größer " * 16000 + "[#7]", 7)
    assert (len(long) < 270, long.endswith("… [#7]")) == (True, True)


def send_all(desk: Story, monkeypatch: pytest.MonkeyPatch, failure: SendFailed | None = None) -> list[bytes]:
    handed_over: list[bytes] = []

    def send(_: SmtpSession, sender: str, recipients: Sequence[str], content: bytes) -> None:
        handed_over.append(content)
        if failure is not None:
            raise failure

    monkeypatch.setattr(SmtpSession, "send", send)
    OutboxSender(desk.desk, lambda: desk.fence).send_due(threading.Event())
    return handed_over


def test_what_cannot_be_composed_is_given_up_at_once(desk: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    message = answer(desk)
    change(desk, message, recipients=json.dumps([BREAKING]))
    assert send_all(desk, monkeypatch) == []
    assert desk.all("select state, tries from outbox") == [("failed", 1)]
    assert desk.one("select delivery from messages where id = ?", message) == "failed"


def test_an_unexpected_error_of_composing_is_final_too(desk: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Composed:
        raise ValueError("broken")

    answer(desk)
    monkeypatch.setattr(sender_module, "compose", broken)
    assert send_all(desk, monkeypatch) == []
    assert desk.all("select state, tries, error from outbox") == [("failed", 1, "ValueError: broken")]


def test_who_has_the_mail_never_gets_it_again_when_others_were_refused(
    desk: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = answer(desk)
    change(desk, message, recipients=json.dumps(["a@b.example", "c@d.example"]))
    refusal = SomeRefused(
        server="mx", answer=Answer(0, "c@d.example: 451 later"), permanent=False, accepted=["a@b.example"], count=1
    )
    assert len(send_all(desk, monkeypatch, refusal)) == 1
    desk.clock.advance(outbox.LONGEST_PAUSE_S)
    assert send_all(desk, monkeypatch) == []
    assert desk.one("select delivery from messages where id = ?", message) == "sent"
    assert "c@d.example" in str(desk.one("select delivery_error from messages where id = ?", message))
