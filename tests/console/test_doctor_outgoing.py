"""The doctor says when nothing leaves the desk, though all of it is still to be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.actions import desk as actions
from core.actions import webhooks
from core.config.document import Document, Secret
from core.config.stored import current
from core.engine import outbox
from data.actor import ENGINE, LOCAL_ADMIN
from data.transaction import Tx
from tests.builders import Story
from tests.console.conftest import Deskline


def outgoing(deskline: Deskline, about: str) -> list[dict[str, str]]:
    ran = deskline("doctor", "--json")
    assert ran.code == 0
    return [each for each in json.loads(ran.out)["checks"] if each["about"] == about]


def tried_in_vain(story: Story, kind: outbox.Kind, why: str) -> None:
    def try_all(tx: Tx) -> None:
        for row in outbox.take_due(tx, kind):
            outbox.not_sent(tx, row, why, permanent=False)

    story.desk.run(ENGINE, try_all)
    story.settle()


def allow_webhooks(story: Story, secret: Secret | None = None) -> None:
    def allow(tx: Tx) -> None:
        told = {"webhook_hosts": ("hooks.example.org",), "webhook_secret": secret}
        actions.apply(tx, Document(desk=current(tx).desk.model_copy(update=told)))

    story.desk.run(LOCAL_ADMIN, allow)


def call(story: Story) -> None:
    story.desk.run(LOCAL_ADMIN, webhooks.call, "https://hooks.example.org/a", case=1)


def test_an_answer_that_no_server_takes_is_said_while_it_is_still_tried(story: Story, deskline: Deskline) -> None:
    assert [each["state"] for each in outgoing(deskline, "answers")] == ["ok"]
    tried_in_vain(story, "mail", "535 not \x1b[31mtoday.")
    story.clock.advance(3600)
    [found] = outgoing(deskline, "answers")
    assert found["state"] == "warn"
    assert found["words"].startswith(
        "1 answer could not be sent so far and is tried again: #1: 535 not \ufffd[31mtoday. "
    )
    assert "was queued 1 h" in found["words"]
    assert found["words"].endswith("Look: deskline mail outbox")


def test_webhook_calls_that_fail_are_said_while_they_are_still_tried(story: Story, deskline: Deskline) -> None:
    allow_webhooks(story)
    call(story)
    call(story)
    assert outgoing(deskline, "webhooks") == []
    tried_in_vain(story, "webhook", "Connection refused")
    story.clock.advance(120)
    [found] = outgoing(deskline, "webhooks")
    assert found["state"] == "warn"
    assert found["words"].startswith("2 calls failed so far and are tried again, the newest: Connection refused. ")
    assert found["words"].endswith("Look: deskline webhook list --state queued")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "hook-secret"
    path.write_text("s3cret\n")
    return path


def test_a_webhook_secret_in_the_environment_that_is_not_there_is_said(
    story: Story, deskline: Deskline, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_webhooks(story, Secret(env="NOT_THERE"))
    monkeypatch.delenv("NOT_THERE", raising=False)
    [found] = outgoing(deskline, "webhooks")
    assert found["state"] == "warn"
    assert "environment variable NOT_THERE, which is not set here" in found["words"]
    monkeypatch.setenv("NOT_THERE", "s3cret")
    assert outgoing(deskline, "webhooks") == []


def test_a_secret_in_a_file_is_looked_for_and_never_shown(story: Story, deskline: Deskline, kept: Path) -> None:
    allow_webhooks(story, Secret(file=str(kept)))
    ran = deskline("doctor")
    assert "webhooks" not in ran.out
    assert "s3cret" not in ran.out + ran.err
    kept.unlink()
    [found] = outgoing(deskline, "webhooks")
    assert found["state"] == "warn"
    assert str(kept) in found["words"]


def test_a_secret_that_a_command_says_is_not_asked_for(story: Story, deskline: Deskline, tmp_path: Path) -> None:
    allow_webhooks(story, Secret(command=f"touch {tmp_path / 'ran'}"))
    assert outgoing(deskline, "webhooks") == []
    assert not (tmp_path / "ran").exists()


def test_a_mailbox_whose_password_is_to_be_in_a_file_that_is_not_there_is_named(
    story: Story, deskline: Deskline, tmp_path: Path
) -> None:
    smtp = json.dumps({"host": "mail", "user": "support", "password": {"file": str(tmp_path / "gone")}})
    with story.desk._writing() as connection:
        connection.exec_driver_sql("update mailboxes set smtp = ?", (smtp,))
    words = [each["words"] for each in outgoing(deskline, "mailbox support")]
    assert any("the secret cannot be had here" in each and str(tmp_path / "gone") in each for each in words)
