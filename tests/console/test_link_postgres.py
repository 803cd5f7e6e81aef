"""A console's link to a PostgreSQL desk: it is told at once, comes back by itself, and a held desk is not a desk that is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import psycopg
import pytest

from console import link as link_module
from console.link import DeskLink
from data.journal import Entry
from data.postgres import DatabaseBusy
from tests.builders import Story
from tests.services import until


class Told:
    """What a link told of, in order."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.states: list[str] = []


@contextlib.asynccontextmanager
async def linked(url: str) -> AsyncIterator[tuple[DeskLink, Told]]:
    told = Told()

    def changed(entries: Sequence[Entry] | None) -> None:
        told.kinds += [entry.kind for entry in entries or ()]

    link = DeskLink(url, "maya", changed=changed, told=lambda: told.states.append(link.state))
    running = asyncio.create_task(link.run())
    await it_is_so(lambda: link.state == "ready", "the desk is opened")
    try:
        yield link, told
    finally:
        await link.close()
        await running


async def it_is_so(true: Callable[[], Any], what: str, seconds: float = 20.0) -> None:
    await asyncio.to_thread(until, true, what, seconds)


async def test_a_link_whose_connections_were_ended_is_told_of_the_next_change_at_once(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "_LOOK_S", 60.0)
    story = Story(postgres)
    async with linked(postgres) as (link, told):
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like ?"
        assert story.all(ended, "%the console of maya%")
        await it_is_so(lambda: told.states[-2:] == ["away", "ready"], "it is away, and back by itself")
        assert link.why == ""
        await asyncio.to_thread(story.customer_writes)
        await it_is_so(lambda: "case.opened" in told.kinds, "the case is told of", 10)
    story.desk.close()


async def test_a_desk_that_somebody_holds_is_not_away(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "_PATIENCE_S", 0.3)
    story = Story(postgres)
    async with linked(postgres) as (link, told):
        desk = link.desk
        with psycopg.connect(postgres.replace("+psycopg", "")) as other:
            other.execute("lock table console_sessions in access exclusive mode")
            with pytest.raises(DatabaseBusy):
                await link.act("presence.beat", agent="maya", session=link.session)
        await link.act("presence.set", agent="maya", status="available")
        assert link.desk is desk
        assert "away" not in told.states
    story.desk.close()
