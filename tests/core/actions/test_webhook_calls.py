"""Webhooks as actions: where they may go, what they tell, and the key by which their server knows each call."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.actions.registry import REGISTRY
from core.actions.webhooks import LONGEST_BODY
from core.engine import outbox
from core.errors import NotFound, WrongUsage
from core.webhooks import WebhookRefused
from data.actor import ENGINE
from tests.builders import NOON, Story
from tests.core.actions import LENA, does, events, marked
from tests.core.conftest import Begin

URL = "https://hooks.example.org/desk?token=s3cret"


def calls(story: Story, who: str = "maya", url: str = URL, **more: object) -> int:
    done = does(story, who, "webhook.call", url=url, **more)
    assert isinstance(done, int)
    return done


def told(story: Story, call: int) -> dict[str, Any]:
    found = json.loads(story.one("select body from webhook_calls where id = ?", call))
    assert isinstance(found, dict)
    return found


def key(story: Story, call: int) -> str:
    found = story.one("select delivery_key from outbox where webhook_id = ?", call)
    assert isinstance(found, str)
    return found


NOT_CALLED = [
    "https://evil.example/",
    "http://hooks.example.org/",
    "https://hooks.example.org:8443/",
    "https://hooks.example.org.evil.example/",
    "https://hooks.example.org@evil.example/",
    "https://127.0.0.1/",
    "file:///etc/passwd",
    "hooks.example.org",
    "",
    "https://hooks.example.org/\r\nX: y",
    f"https://hooks.example.org/{'x' * 3000}",
]


def test_only_a_host_that_is_allowed_is_called(begin: Begin) -> None:
    story = begin(marked())
    for url in NOT_CALLED:
        with pytest.raises(WebhookRefused) as refused:
            calls(story, url=url)
        assert "s3cret" not in str(refused.value)
        assert story.one("select count(*) from webhook_calls") == 0
        assert events(story, "webhook.queued") == []


def test_a_call_tells_of_the_case_and_of_what_belongs_to_it(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes("A \0 <b>\u202e")
    story.present("maya")
    story.accept("maya", case)
    fields = {"power": "2.5", "warranty": False, "parts": ["cable", "panel"], "bought_at": "2026-11-30 12:00"}
    does(story, "maya", "case.set", case=case, fields=fields)
    does(story, "maya", "case.tag", case=case, tag="vip")
    call = calls(story, "engine", case=case, data={"why": "a tag", "sum": Decimal("9.75"), "on": [True, None]})
    body = told(story, call)
    assert set(body) == {"delivery", "at", "case", "contact", "account", "agent", "queue", "data"}
    assert body["data"] == {"why": "a tag", "sum": 9.75, "on": [True, None]}
    assert body["at"].startswith("2027-01-15T08:00:00")
    assert NOON == 1_800_000_000_000_000
    about = body["case"]
    assert (about["number"], about["status"], about["tags"], about["owner"]) == (case, "open", ["vip"], "maya")
    assert (about["power"], about["warranty"], about["parts"]) == (2.5, False, ["cable", "panel"])
    assert (about["bought_at"], about["product"]) == ("2026-11-30T11:00:00+00:00", None)
    assert about["opened_at"].endswith("+00:00")
    assert (body["contact"]["email"], body["agent"]["name"], body["queue"]["name"]) == (LENA, "maya", "tier-1")
    assert body["account"]["name"] in (None, body["account"]["name"])


def test_a_call_without_a_case_tells_only_what_it_is_given(begin: Begin) -> None:
    story = begin(marked())
    assert set(told(story, calls(story))) == {"delivery", "at"}
    assert set(told(story, calls(story, data={}))) == {"delivery", "at"}
    with pytest.raises(NotFound):
        calls(story, case=99)


def test_each_call_has_a_key_of_its_own_which_stays_the_same_over_all_tries(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    made = [calls(story, case=case, data={"n": 1}) for _ in range(5)]
    keys = [key(story, call) for call in made]
    assert len(set(keys)) == 5
    assert [told(story, call)["delivery"] for call in made] == keys
    assert all(len(each) == 32 and int(each, 16) for each in keys)
    seen = set()
    for _ in range(3):
        [taken, *_] = story.desk.run(ENGINE, outbox.take_due, "webhook")
        seen.add(taken.delivery_key)
        story.desk.run(ENGINE, outbox.not_sent, taken, "503", permanent=False)
        story.clock.advance(60)
    assert len(seen) == 1
    assert story.desk.run(ENGINE, outbox.take_due, "mail") == []


def test_an_answer_and_a_failure_are_told_on_the_case_even_after_a_merge(begin: Begin) -> None:
    story = begin(marked())
    case, other = story.customer_writes(), story.customer_writes()
    good, bad = calls(story, case=case), calls(story, case=case)
    does(story, "maya", "case.merge", case=case, into=other)
    taken = {each.webhook_id: each for each in story.desk.run(ENGINE, outbox.take_due, "webhook")}
    for _ in range(2):
        story.desk.run(ENGINE, outbox.called, taken[good], 202, "accepted \0")
    story.desk.run(ENGINE, outbox.not_sent, taken[bad], "410 gone", permanent=True)
    assert story.all("select status, answer from webhook_calls where id = ?", good) == [(202, "accepted \ufffd")]
    kinds = story.all("select kind, case_id from journal where kind in ('webhook.answered', 'webhook.failed')")
    assert sorted(kinds) == [("webhook.answered", other), ("webhook.failed", other)]
    assert len(events(story, "webhook.answered")) == 1


def test_the_journal_names_the_host_and_not_what_may_be_secret(begin: Begin) -> None:
    story = begin(marked())
    calls(story)
    assert [each["host"] for each in events(story, "webhook.queued")] == ["hooks.example.org"]
    assert not [data for (data,) in story.all("select data from journal") if "s3cret" in str(data)]


def test_what_is_told_has_a_bound_in_bytes(begin: Begin) -> None:
    story = begin(marked())
    room = LONGEST_BODY - len(story.one("select body from webhook_calls where id = ?", calls(story, data={"x": ""})))
    assert calls(story, data={"x": "a" * room})
    for text in ("a" * (room + 1), "\u20ac" * (room // 2)):
        with pytest.raises(WrongUsage, match="262,144 bytes"):
            calls(story, data={"x": text})
    assert story.one("select count(*) from outbox") == 2


def test_what_json_cannot_say_is_refused_or_mended(begin: Begin) -> None:
    story = begin(marked())
    assert told(story, calls(story, data={"x": "a\0b \ud800"}))["data"]["x"].startswith("a\0b \ufffd")
    endless: dict[str, object] = {}
    endless["x"] = endless
    for odd in ({"x": float("nan")}, {"x": float("inf")}, {"x": {1, 2}}, {"x": Decimal("NaN")}, endless):
        with pytest.raises(WrongUsage, match="webhook"):
            calls(story, data=odd)


def test_a_call_can_be_left_for_later(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    arguments = {"url": URL, "case": case, "data": {"x": [1, "two"]}}
    does(story, "maya", "action.delay", action="webhook.call", arguments=arguments, seconds=60)
    story.wait(61)
    assert told(story, story.one("select max(id) from webhook_calls"))["data"] == {"x": [1, "two"]}
    assert "outside" in REGISTRY["webhook.call"].touches
