"""From a commit to another process's read of it: our feed through the hub, beside a bare hub of datagrams and raw `sqlite3`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.table import Row, judged
from core.actions import cases
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from data.feed import Feed
from data.hub import Hub
from data.sqlite import PRAGMAS
from tests.builders import Story

_PAUSE_S = 0.05


# -- what runs in the other processes


async def _hub(path: str) -> None:
    hub = Hub(Path(path), lambda _: None)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    hub.close()


async def _reader(path: str, count: int) -> None:
    desk = Desk.open(path)
    feed = await Feed.open(desk)
    print("ready", flush=True)
    seen: list[tuple[int, int]] = []
    async for entries in feed:
        now = time.monotonic_ns()
        seen += [(entry.id, now) for entry in entries]
        if len(seen) >= count:
            break
    print(json.dumps(seen[:count]), flush=True)
    await feed.close()
    desk.close()


async def _bare_hub(folder: str) -> None:
    peers: set[str] = set()
    end = _bound(f"{folder}/hub.sock")

    def received() -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet = end.recv(200)
                if packet[:1] == b"+":
                    peers.add(packet[1:].decode())
                else:
                    for peer in peers:
                        with contextlib.suppress(OSError):
                            end.sendto(b"!", peer)

    asyncio.get_running_loop().add_reader(end, received)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _bare_reader(folder: str, count: int) -> None:
    db = sqlite3.connect(f"file:{folder}/bare.db?mode=ro", uri=True, isolation_level=None)
    end = _bound(f"{folder}/{os.getpid()}.sock")
    hint = asyncio.Event()

    def received() -> None:
        with contextlib.suppress(BlockingIOError):
            while end.recv(200):
                hint.set()

    asyncio.get_running_loop().add_reader(end, received)
    end.sendto(b"+" + f"{folder}/{os.getpid()}.sock".encode(), f"{folder}/hub.sock")
    position = db.execute("select coalesce(max(id), 0) from journal").fetchone()[0]
    print("ready", flush=True)
    seen: list[tuple[int, int]] = []
    while len(seen) < count:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(hint.wait(), 1)
        hint.clear()
        rows = db.execute("select * from journal where id > ? order by id limit 1000", (position,)).fetchall()
        now = time.monotonic_ns()
        seen += [(row[0], now) for row in rows]
        position = rows[-1][0] if rows else position
    print(json.dumps(seen[:count]), flush=True)


def _bound(path: str) -> socket.socket:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.setblocking(False)
    end.bind(path)
    return end


# -- the measuring side


def _start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.wake", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _ready(processes: list[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"


def _delays(readers: list[subprocess.Popen[str]], committed: dict[int, int]) -> list[float]:
    delays: list[float] = []
    for reader in readers:
        assert reader.stdout is not None
        for event_id, at in json.loads(reader.stdout.readline()):
            if event_id in committed:
                delays.append((at - committed[event_id]) / 1e6)
        reader.wait()
    return delays


def _ours(folder: Path, readers: int, changes: int) -> list[float]:
    story = Story(folder / f"wake-{readers}-{time.monotonic_ns()}.db")
    number = story.desk.run(LOCAL_ADMIN, cases.open_new, "A case")
    hub = _start("hub", str(story.desk.storage.path))
    _ready([hub])
    watching = [_start("reader", str(story.desk.storage.path), str(changes)) for _ in range(readers)]
    _ready(watching)
    time.sleep(0.3)
    committed: dict[int, int] = {}
    last = story.desk.end().event_id
    for i in range(changes):
        story.desk.run(LOCAL_ADMIN, cases.note, number, f"note {i}")  # records one event
        committed[last + 1 + i] = time.monotonic_ns()
        time.sleep(_PAUSE_S)
    delays = _delays(watching, committed)
    hub.communicate("\n")
    story.desk.close()
    return delays


def _bare(folder: Path, readers: int, changes: int) -> list[float]:
    place = folder / f"b{readers}-{time.monotonic_ns() % 10**9}"
    place.mkdir()
    db = sqlite3.connect(place / "bare.db", isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"pragma {pragma}")
    db.execute("create table journal (id integer primary key, at integer, kind text, data text) strict")
    hub = _start("bare-hub", str(place))
    _ready([hub])
    watching = [_start("bare-reader", str(place), str(changes)) for _ in range(readers)]
    _ready(watching)
    time.sleep(0.3)
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    committed: dict[int, int] = {}
    for i in range(changes):
        db.execute("begin immediate")
        db.execute("insert into journal values (?, ?, 'message.noted', '{}')", (i + 1, time.time_ns()))
        db.execute("commit")
        end.sendto(b"!", f"{place}/hub.sock")
        committed[i + 1] = time.monotonic_ns()
        time.sleep(_PAUSE_S)
    delays = _delays(watching, committed)
    hub.communicate("\n")
    return delays


def wakes(folder: Path, rounds: int) -> list[Row]:
    """Commit to read in another process, with 1, 20 and 100 readers."""
    rows = []
    for readers in (1, 20, 100):
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            theirs.append(statistics.median(_bare(folder, readers, 40)))
            mine.append(statistics.median(_ours(folder, readers, 40)))
        rows.append(
            judged(
                f"commit to another process's read, p50, {readers} reader{'s' if readers > 1 else ''}",
                mine,
                theirs,
                unit="ms",
                at_most=1.5,
                peer_name="a bare hub",
            )
        )
    return rows


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    asyncio.run(
        {
            "hub": lambda: _hub(where),
            "reader": lambda: _reader(where, int(rest[0])),
            "bare-hub": lambda: _bare_hub(where),
            "bare-reader": lambda: _bare_reader(where, int(rest[0])),
        }[what]()
    )
