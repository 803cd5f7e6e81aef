"""`journal tail --follow` is woken by what happens; here its own look comes only after an hour."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from pathlib import Path

from core.actions.cases import note
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from data.hints import folder_of
from data.hub import Hub
from tests.builders import Story

PROGRAM = """
import sys
from console.commands import journal
journal.POLL_S = float(sys.argv[2])
from console.main import main
sys.exit(main(["journal", "tail", "-n", "0", "--follow", "--json", "--desk", sys.argv[1]]))
"""
PATIENCE = 30


async def following(place: object, poll: str = "3600") -> Process:
    return await create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(place), poll, stdout=PIPE, stderr=PIPE, cwd=Path(__file__).parents[2]
    )


async def tells(running: Process) -> str:
    assert running.stdout is not None
    return (await asyncio.wait_for(running.stdout.readline(), PATIENCE)).decode()


async def interrupted(running: Process) -> tuple[int | None, bytes]:
    running.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(running.communicate(), PATIENCE)
    return running.returncode, err


async def notes_arrive(desk: Desk, running: Process) -> None:
    """Write notes until the first one is told, for nobody knows when the program listens; then some that must be told each."""
    first = asyncio.ensure_future(tells(running))
    while not first.done():
        last = await desk.act(LOCAL_ADMIN, note, 1, "Are you there?")
        await asyncio.wait([first], timeout=0.2)
    told = json.loads(first.result())["data"]["message_id"]
    for word in ("one", "two", "three"):
        while told != last:
            told = json.loads(await tells(running))["data"]["message_id"]
        last = await desk.act(LOCAL_ADMIN, note, 1, word)
    while told != last:
        told = json.loads(await tells(running))["data"]["message_id"]


async def test_who_follows_is_told_at_once_and_ends_cleanly(story: Story) -> None:
    path = Path(story.desk.where)
    hub = Hub(path, lambda _: None)
    running = await following(path)
    await notes_arrive(story.desk, running)
    assert await interrupted(running) == (130, b"")
    hub.close()
    assert list(folder_of(path).iterdir()) == []


async def test_who_follows_on_postgresql_is_told_and_ends_cleanly(postgres: str) -> None:
    story = Story(postgres)
    story.customer_writes()
    # A note is told only when no older transaction runs any more, such as the server's own ANALYZE, whose end brings no hint.
    running = await following(postgres, poll="5")
    await notes_arrive(story.desk, running)
    assert await interrupted(running) == (130, b"")
    story.desk.close()


async def test_who_follows_says_that_the_database_went_away(postgres: str) -> None:
    story = Story(postgres)
    story.customer_writes()
    running = await following(postgres)
    await notes_arrive(story.desk, running)
    with story.desk.reading() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()"
        )
    _, err = await asyncio.wait_for(running.communicate(), PATIENCE)
    assert running.returncode == 5
    assert err.startswith(b"The database postgresql")
    story.desk.close()


async def test_without_an_engine_who_follows_looks_for_himself(story: Story) -> None:
    running = await following(story.desk.where, poll="0.05")
    await notes_arrive(story.desk, running)
    assert await interrupted(running) == (130, b"")
