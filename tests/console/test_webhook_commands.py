"""`deskline webhook`: one call as its server gets it, and one that was given up made again."""

from __future__ import annotations

import json

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
from tests.console.driving import HOSTILE

URL = "https://hooks.example.org/services/SECRET?key=SECRET"


@pytest.fixture
def call(story: Story) -> int:
    """A call that told of the case with a hostile subject, and is still to be made."""

    def allow(tx: Tx) -> None:
        told = {"webhook_hosts": ("hooks.example.org",), "webhook_secret": Secret(env="HOOK_SECRET")}
        actions.apply(tx, Document(desk=current(tx).desk.model_copy(update=told)))

    story.desk.run(LOCAL_ADMIN, allow)
    return int(story.desk.run(LOCAL_ADMIN, webhooks.call, URL, case=2))


def fail(story: Story, *, permanent: bool) -> None:
    [taken] = story.desk.run(ENGINE, outbox.take_due, "webhook")
    story.desk.run(ENGINE, outbox.not_sent, taken, "no \x1b[31mroute", permanent=permanent)


def test_show_tells_what_is_sent_what_became_of_it_and_when_it_is_tried_next(
    call: int, story: Story, deskline: Deskline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "never shown")
    fail(story, permanent=False)
    ran = deskline("webhook", "show", str(call))
    assert ran.code == 0
    key = story.one("select delivery_key from outbox where webhook_id = ?", call)
    assert f"POST {URL}\n" in ran.out
    assert f"Deskline-Delivery: {key}\n" in ran.out
    assert "Deskline-Signature: made anew at each try\n" in ran.out
    assert '    "number": 2,\n' in ran.out
    for words in ("queued", "#2", "1 try", "next try at ", "no \ufffd[31mroute"):
        assert words in ran.out
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ran.out)
    assert "never shown" not in ran.out
    item = json.loads(deskline("webhook", "show", str(call), "--json").out)
    assert (item["url"], item["method"], item["state"], item["tries"]) == (URL, "POST", "queued", 1)
    assert item["headers"]["Deskline-Delivery"] == key
    assert json.loads(item["body"])["case"]["subject"] == HOSTILE.replace("\x00", "\ufffd")


def test_an_agent_sees_the_host_alone_since_the_rest_of_an_address_may_be_a_secret(
    call: int, deskline: Deskline
) -> None:
    shown = deskline("webhook", "show", str(call), "--as", "maya")
    assert "POST https://hooks.example.org/…\n" in shown.out
    assert "SECRET" not in shown.out + deskline("webhook", "show", str(call), "--as", "maya", "--json").out


def test_a_call_that_was_given_up_is_made_again(call: int, story: Story, deskline: Deskline) -> None:
    early = deskline("webhook", "again", str(call))
    assert (early.code, early.err) == (
        1,
        f"Webhook call {call} was not given up, so it is not made again; when it is tried next says: deskline webhook show {call}\n",
    )
    fail(story, permanent=True)
    assert "next try" not in deskline("webhook", "show", str(call)).out
    ran = deskline("webhook", "again", str(call))
    assert (ran.code, ran.out, ran.err) == (0, "", f"Webhook call {call} is queued again.\n")
    assert story.one("select state from outbox where webhook_id = ?", call) == "queued"
    fail(story, permanent=True)
    assert json.loads(deskline("webhook", "again", str(call), "--json").out) == {"webhook": call, "state": "queued"}


@pytest.mark.parametrize("verb", ["show", "again"])
def test_a_call_that_there_is_not_is_told(verb: str, deskline: Deskline) -> None:
    ran = deskline("webhook", verb, "99")
    assert (ran.code, ran.out, ran.err) == (3, "", "There is no webhook call 99.\n")
