"""Drafts: locked while another console of the agent writes, gone with the answer, told to those who watch, never in the journal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import core.actions.all  # noqa: F401 - registers every action
from core.actions.registry import REGISTRY
from core.drafts import LOCKED_FOR_S
from core.errors import NotFound, WrongUsage
from data import screen_queries
from data.desk import Desk
from data.feed import Feed
from data.hub import Hub
from data.queries import Query
from data.sqlite import SqliteStorage
from data.text import OutsideText
from data.topics import topic
from tests.builders import Story
from tests.core.verified import findings

PATIENCE_S = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    where = tmp_path / "desk.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    made = Story(where)
    made.present("maya")
    made.accept("maya", made.customer_writes())
    made.customer_writes()
    yield made
    assert findings(made.desk) == []
    made.desk.close()


def does(story: Story, who: str, action: str, **parameters: object) -> Any:
    return story.act(who, REGISTRY[action].call, **parameters)


def keeps(
    story: Story, words: str, session: str = "laptop", *, case: int = 1, kind: str = "reply", who: str = "maya"
) -> bool:
    return does(story, who, "draft.keep", case=case, kind=kind, text=words, session=session)


def drops(story: Story, session: str = "laptop", *, case: int = 1, who: str = "maya") -> bool:
    return does(story, who, "draft.drop", case=case, session=session)


def draft(story: Story, case: int = 1) -> tuple[object, ...] | None:
    return next(iter(story.all("select kind, text, session from drafts where case_id = ?", case)), None)


def asked(story: Story, query: Query, **params: object) -> list[Mapping[str, Any]]:
    with story.desk.reading() as connection:
        found = connection.execute(text(query.sql), params)
        return query.rows(list(found.keys()), found)


def test_a_draft_is_kept_anew_by_its_console_and_locked_in_the_agents_others(story: Story) -> None:
    assert keeps(story, "Press")
    assert keeps(story, "Press reset", kind="note")
    assert not keeps(story, "Hello from the other room", "tower")
    assert not drops(story, "tower")
    assert draft(story) == ("note", "Press reset", "laptop")
    assert keeps(story, "Hello", "tower", case=2), "each case has a draft of its own"
    assert keeps(story, "I know this one", "phone", who="tom"), "and each agent"
    assert drops(story)
    assert not drops(story)
    assert story.all("select case_id, session from drafts order by case_id") == [(1, "phone"), (2, "tower")]


def test_the_lock_lasts_fifteen_seconds_from_the_last_keeping(story: Story) -> None:
    keeps(story, "Press")
    story.clock.advance(LOCKED_FOR_S - 1)
    keeps(story, "Press reset")
    story.clock.advance(LOCKED_FOR_S - 1)
    assert not keeps(story, "mine", "tower")
    assert not drops(story, "tower")
    story.clock.advance(1)
    assert keeps(story, "mine", "tower")
    assert not keeps(story, "Press reset now", "laptop"), "now it is locked the other way round"
    story.clock.advance(LOCKED_FOR_S)
    assert drops(story, "laptop")
    assert draft(story) is None


@pytest.mark.parametrize(("action", "more"), [("case.reply", {"then": None}), ("case.note", {})])
def test_what_was_sent_is_no_draft_any_more(story: Story, action: str, more: dict[str, object]) -> None:
    keeps(story, "Press reset.")
    keeps(story, "On another case", case=2)
    keeps(story, "I know this one", who="tom")
    assert does(story, "maya", action, case=1, text="Press reset.", **more)
    left = story.all("select d.case_id, a.name from drafts d join agents a on a.id = d.agent_id order by d.case_id")
    assert left == [(1, "tom"), (2, "maya")]
    assert story.status(1) == ("waiting_customer" if action == "case.reply" else "open")


def test_an_answer_that_is_refused_leaves_the_draft(story: Story) -> None:
    does(story, "admin", "case.close", case=1)
    keeps(story, "Press reset.")
    with pytest.raises(Exception, match="is closed"):
        does(story, "maya", "case.reply", case=1, text="Press reset.")
    assert draft(story) == ("reply", "Press reset.", "laptop")


def test_a_draft_needs_a_case_and_an_agent(story: Story) -> None:
    with pytest.raises(NotFound, match="#99"):
        keeps(story, "Press", case=99)
    for act in (keeps, drops):
        with pytest.raises(WrongUsage, match="for which agent"):
            act(story, "Press", who="admin")


def test_the_screens_see_who_writes_and_what_the_agent_had_written(story: Story) -> None:
    keeps(story, "Press \x1b[31mreset\0")
    story.clock.advance(1)
    keeps(story, "Look at the manual", "phone", who="tom", kind="note")
    seen = asked(story, screen_queries.WRITERS, case=1)
    assert [(each["agent"], each["name"], each["session"], each["kind"]) for each in seen] == [
        ("tom", "Tom", "phone", "note"),
        ("maya", "Maya", "laptop", "reply"),
    ]
    [own] = asked(story, screen_queries.DRAFT, case=1, agent_id=story.actor("maya").id)
    assert isinstance(own["text"], OutsideText)
    assert own["text"].raw == "Press \x1b[31mreset\ufffd"
    assert (own["kind"], own["session"], own["updated_at"]) == ("reply", "laptop", seen[1]["updated_at"])
    assert asked(story, screen_queries.DRAFT, case=2, agent_id=story.actor("maya").id) == []


# -- who is told


@contextlib.asynccontextmanager
async def watching(desk: Desk, topics: int) -> AsyncIterator[Feed]:
    """A console that watches topics, on a desk whose hub stands."""
    hub = Hub(desk.storage.path, lambda _: None) if isinstance(desk.storage, SqliteStorage) else None
    feed = await Feed.open(desk, topics=topics)
    await asyncio.sleep(0.01)  # the hub hears who listens
    try:
        yield feed
    finally:
        await feed.close()
        if hub is not None:
            hub.close()


async def told(feed: Feed, change: Callable[[], object]) -> bool:
    """Whether the console is woken by a change, and not by the clock."""
    waiting = asyncio.ensure_future(feed.wait(PATIENCE_S))
    await asyncio.sleep(0.01)
    before = asyncio.get_running_loop().time()
    assert await asyncio.to_thread(change)
    await waiting
    return asyncio.get_running_loop().time() - before < PATIENCE_S / 2


async def test_a_draft_wakes_who_watches_the_case_and_is_not_journaled(story: Story) -> None:
    end = story.desk.end()
    async with watching(story.desk, topic("case", 1)) as feed:
        for change in (keeps, keeps, drops):
            assert await told(feed, partial(change, story, *(("Press",) if change is keeps else ())))
        assert feed.read() == []
    assert story.desk.end() == end


async def test_what_changed_nothing_wakes_nobody(story: Story) -> None:
    keeps(story, "Press")
    woken: list[int] = []
    story.desk.on_commit = woken.append
    assert not keeps(story, "mine", "tower")
    assert not drops(story, "tower")
    assert woken == []
    assert drops(story)
    assert woken == [topic("case", 1)]
