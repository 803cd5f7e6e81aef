"""An engine on PostgreSQL goes on hearing of changes when the database was away for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import make_url

from console import engine_process
from console.engine_process import EngineProcess
from core.actions import cases
from core.config.document import PresenceConfiguration, RoutingConfiguration
from core.engine import lease
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from tests.builders import ManualClock, Story, document
from tests.services import TcpProxy, until

NAME = "the engine under test"
AT_ONCE_S = 5.0
"""Far below the minutes after which this engine would look by itself."""


async def it_is_so(true: Callable[[], Any], what: str, seconds: float = 20.0) -> None:
    await asyncio.to_thread(until, true, what, seconds)


async def test_an_engine_whose_connections_were_ended_hears_of_the_next_change_at_once(
    postgres: str,
    tcp_proxy: Callable[[int], TcpProxy],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(engine_process, "POLL_S", 600.0)
    wanted = document(
        presence_configuration=PresenceConfiguration(capacity=5),  # type: ignore[arg-type]
        routing=RoutingConfiguration(push_timeout=1200),
    )
    story = Story(postgres, wanted, ManualClock(time.time_ns() // 1000))
    story.present("maya")
    story.desk.run(ENGINE, lease.give_up, story.fence)
    url = make_url(postgres)
    assert url.port is not None
    proxy = tcp_proxy(url.port)

    def turned_since(moment: int) -> bool:
        return bool(story.one("select turned_at from engine_lease") > moment)

    async def is_routed_at_once(subject: str) -> None:
        case = await asyncio.to_thread(story.desk.run, LOCAL_ADMIN, cases.open_new, subject, address="a@example.org")
        await it_is_so(lambda: story.offered_to(case) == "maya", f"{subject} is offered", AT_ONCE_S)

    with Desk.open(url.set(port=proxy.port).render_as_string(), name=NAME, patience=2) as desk:
        process = EngineProcess(desk, lease_s=900, mail=False)
        running = asyncio.create_task(process.run())
        await it_is_so(lambda: turned_since(story.clock.now - 60_000_000), "the engine acts")
        await is_routed_at_once("Before")

        proxy.refuse = True
        sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like ?"
        killed = story.all(sql, f"%{NAME}%")
        assert len(killed) >= 2
        await it_is_so(lambda: "by polling only" in caplog.text, "it is told")
        await asyncio.sleep(2)
        back = time.time_ns() // 1000
        proxy.refuse = False
        await it_is_so(lambda: "tells of changes again" in caplog.text, "that it is back is told")
        await it_is_so(lambda: turned_since(back), "the engine acts again")
        await asyncio.sleep(0.5)
        await is_routed_at_once("After")
        assert caplog.text.count("by polling only") == caplog.text.count("tells of changes again") == 1

        process._told_to_stop()
        await running
    story.desk.close()
