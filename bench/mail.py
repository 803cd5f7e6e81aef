"""From a mail file to a stored and routed case, beside the standard library's parse of the same bytes alone."""

from __future__ import annotations

import email
import email.policy
import random
import time
from email.message import EmailMessage
from pathlib import Path

from bench.table import Row, compare
from data.actor import INTAKE
from intake.email.receive import Place, read, take_all
from tests.builders import Story

MAILS = 200
BATCH = 50


def sample_mails(seed: int = 7) -> list[bytes]:
    """Return mails as desks get them: 55 % text, 30 % text and HTML, 15 % with a PDF; a tenth are answers; forty senders."""
    pick = random.Random(seed)
    made: list[bytes] = []
    ids: list[str] = []
    words = [
        "inverter",
        "battery",
        "panel",
        "roof",
        "storm",
        "invoice",
        "cable",
        "display",
        "update",
        "yield",
        "meter",
        "technician",
    ]
    for number in range(MAILS):
        mail = EmailMessage(policy=email.policy.SMTP)
        sender = pick.randrange(40)
        mail["From"] = f"Customer {sender} <customer{sender}@example{sender % 7}.test>"
        mail["To"] = "support@ursamajor.example"
        mail["Subject"] = " ".join(pick.choices(words, k=5))
        mail["Message-ID"] = f"<{seed}.{number}.{pick.random()}@example.test>"
        if ids and pick.random() < 0.1:
            mail["In-Reply-To"] = pick.choice(ids)
        ids.append(str(mail["Message-ID"]))
        text = "\n".join(" ".join(pick.choices(words, k=12)) for _ in range(pick.randrange(5, 60)))
        mail.set_content(text)
        kind = pick.random()
        if kind > 0.55:
            mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
        if kind > 0.85:
            pdf = pick.randbytes(pick.randrange(10_000, 150_000))
            mail.add_attachment(pdf, maintype="application", subtype="pdf", filename="offer.pdf")
        made.append(mail.as_bytes())
    return made


def _parse_alone(mails: list[bytes]) -> float:
    began = time.process_time()
    for raw in mails:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        for name in ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"):
            message.get(name)
        for part in message.walk():
            if not part.is_multipart():
                part.get_payload(decode=True)
    return (time.process_time() - began) / len(mails) * 1e3


def mails(folder: Path, rounds: int) -> Row:
    """Mail bytes to stored and routed cases, CPU a mail."""
    count = 0

    def ours() -> float:
        nonlocal count
        count += 1
        story = Story(folder / f"mail-{count}.db")
        raws = sample_mails()
        began = time.process_time()
        for start in range(0, MAILS, BATCH):
            parsed = [read(raw, Place(None, None, None)) for raw in raws[start : start + BATCH]]
            story.desk.run(INTAKE, take_all, parsed)
            story.settle()
        took = (time.process_time() - began) / MAILS * 1e3
        assert story.one("select count(*) from messages") == MAILS
        story.desk.close()
        return took

    return compare(
        "mail to stored and routed case, CPU a mail",
        ours,
        lambda: _parse_alone(sample_mails()),
        rounds=rounds,
        unit="ms",
        peer_name="compat32 parse alone",
    )
