"""A webhook call that was given up is made once more, under the key by which its server knows it."""

from __future__ import annotations

import pytest

from core.engine import outbox
from core.errors import NotFound
from core.webhooks import WebhookRefused
from data.actor import ENGINE
from tests.builders import Story
from tests.core.actions import does, events, marked
from tests.core.conftest import Begin
from tests.core.verified import findings

URL = "https://hooks.example.org/desk?token=s3cret"


def given_up(story: Story) -> int:
    call = does(story, "maya", "webhook.call", url=URL)
    assert isinstance(call, int)
    [taken] = story.desk.run(ENGINE, outbox.take_due, "webhook")
    story.desk.run(ENGINE, outbox.not_sent, taken, "it redirects", permanent=True)
    return call


def test_a_call_that_was_given_up_is_queued_again_with_all_its_tries(begin: Begin) -> None:
    story = begin(marked())
    call = given_up(story)
    key = story.one("select delivery_key from outbox where webhook_id = ?", call)
    assert does(story, "maya", "webhook.send_again", webhook=call) is True
    assert story.all("select state, tries, error, ended_at from outbox where webhook_id = ?", call) == [
        ("queued", 0, None, None)
    ]
    [taken] = story.desk.run(ENGINE, outbox.take_due, "webhook")
    assert (taken.webhook_id, taken.delivery_key) == (call, key)
    assert len(events(story, "webhook.queued")) == 2
    assert findings(story.desk) == []


def test_a_call_that_is_still_made_or_was_taken_is_left_alone(begin: Begin) -> None:
    story = begin(marked())
    call = does(story, "maya", "webhook.call", url=URL)
    assert does(story, "maya", "webhook.send_again", webhook=call) is False
    [taken] = story.desk.run(ENGINE, outbox.take_due, "webhook")
    story.desk.run(ENGINE, outbox.called, taken, 200, "fine")
    assert does(story, "maya", "webhook.send_again", webhook=call) is False
    assert story.one("select state from outbox where webhook_id = ?", call) == "sent"


def test_a_call_that_there_is_not_is_refused(begin: Begin) -> None:
    story = begin(marked())
    with pytest.raises(NotFound, match=r"There is no webhook call 99\."):
        does(story, "maya", "webhook.send_again", webhook=99)


def test_a_call_to_a_host_that_is_no_longer_allowed_stays_given_up(begin: Begin) -> None:
    story = begin(marked())
    call = given_up(story)
    wanted = marked()
    story.configure(wanted.model_copy(update={"desk": wanted.desk.model_copy(update={"webhook_hosts": ()})}))
    with pytest.raises(WebhookRefused):
        does(story, "maya", "webhook.send_again", webhook=call)
    assert story.one("select state from outbox where webhook_id = ?", call) == "failed"
