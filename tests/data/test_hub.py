"""Wake-ups: hints go from a writer through the hub to the readers concerned; a lost one costs time and nothing else."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.contacts import identify
from data.actor import INTAKE
from data.desk import Desk
from data.hints import Poker, folder_of
from data.hub import Hub, Listener
from data.journal import START
from data.topics import EVERYTHING, topic

ROOT = Path(__file__).parents[2]
WORK, MAIL = topic("kind", "work"), topic("kind", "mail")
PATIENCE = 20


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "desk.db"


@pytest.fixture
async def heard() -> asyncio.Queue[int]:
    """What the hub's own process was woken for."""
    return asyncio.Queue()


@pytest.fixture
async def hub(database: Path, heard: asyncio.Queue[int]) -> AsyncIterator[Hub]:
    made = Hub(database, heard.put_nowait)
    yield made
    made.close()


async def woken(listener: Listener) -> bool:
    await asyncio.wait_for(listener.changed.wait(), PATIENCE)
    listener.changed.clear()
    return True


async def everything_said(database: Path) -> None:
    """Wait until the hub has passed on what was said so far: a reader of a topic of its own has heard the last word."""
    last = Listener(database, 1 << 63)
    poker = Poker(database)
    while not last.changed.is_set():
        last.register()  # the hub's queue is short: what came while it was full is lost, and said again
        poker.poke(1 << 63)
        await asyncio.sleep(0.005)
    await asyncio.sleep(0.005)
    last.close()
    poker.close()


def test_topics_that_say_the_same_are_the_same_and_one_bit() -> None:
    assert topic("agent", 3) == topic("agent", "3")
    assert all(topic("case", n).bit_count() == 1 and topic("case", n) & EVERYTHING for n in range(500))
    assert len({topic("case", n) for n in range(500)}) > 50


async def test_a_writer_in_another_process_wakes_a_reader_who_then_finds_the_change(
    database: Path, hub: Hub, heard: asyncio.Queue[int]
) -> None:
    with Desk.create(database) as desk:
        reader, other = Listener(database, topic("kind", "contact")), Listener(database, 0)
        code = (
            "from core.contacts import identify; from data.actor import INTAKE; from data.desk import Desk\n"
            f"with Desk.open({str(database)!r}) as desk: desk.run(INTAKE, identify, 'lena@ortiz-farm.example', 'Lena')"
        )
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], check=True, cwd=ROOT)
        assert await woken(reader)
        assert await asyncio.wait_for(heard.get(), PATIENCE) & topic("kind", "contact")
        assert [e.kind for e in desk.entries_after(START)] == ["contact.created"]
        await everything_said(database)
        assert not other.changed.is_set()
        reader.close()
        other.close()


async def test_a_reader_is_woken_only_for_its_topics_and_may_change_them(database: Path, hub: Hub) -> None:
    reader, poker = Listener(database, WORK), Poker(database)
    poker.poke(MAIL)
    await everything_said(database)
    assert not reader.changed.is_set()
    poker.poke(MAIL | WORK)
    assert await woken(reader)
    reader.watch(MAIL)
    poker.poke(WORK)
    await everything_said(database)
    assert not reader.changed.is_set()
    poker.poke(MAIL)
    assert await woken(reader)
    reader.close()
    poker.close()


async def test_a_burst_is_passed_on_with_all_its_topics(database: Path, hub: Hub) -> None:
    readers = []
    for bit in range(40):
        readers.append(Listener(database, 1 << bit))
        await everything_said(database)
    for bit in range(40):
        hub.hint(1 << bit)
    assert all([await woken(each) for each in readers])
    for each in readers:
        each.close()


async def test_without_a_hub_a_hint_is_lost_and_the_change_is_not(database: Path) -> None:
    with Desk.create(database) as desk:
        reader = Listener(database, EVERYTHING)
        poker = Poker(database)
        poker.poke(WORK)
        before = desk.end()
        desk.run(INTAKE, identify, "lena@ortiz-farm.example", "Lena")
        await asyncio.sleep(0)
        assert not reader.changed.is_set()
        assert len(desk.entries_after(before)) == 1
        reader.close()
        poker.close()


async def test_a_hub_that_starts_again_knows_who_says_so_again(database: Path) -> None:
    first = Hub(database, lambda topics: None)
    reader, poker = Listener(database, WORK), Poker(database)
    poker.poke(WORK)
    assert await woken(reader)
    first.close()
    poker.poke(WORK)  # nobody is there
    second = Hub(database, lambda topics: None)
    poker.poke(WORK)  # nobody is known
    await everything_said(database)
    assert not reader.changed.is_set()
    reader.register()
    poker.poke(WORK)
    assert await woken(reader)
    for each in (reader, poker, second):
        each.close()


async def test_a_predecessor_that_ends_late_takes_nothing_from_its_successor(database: Path) -> None:
    first = Hub(database, lambda topics: None)
    second = Hub(database, lambda topics: None)
    first.close()
    reader, poker = Listener(database, WORK), Poker(database)
    poker.poke(WORK)
    assert await woken(reader)
    for each in (reader, poker, second):
        each.close()
    assert list(folder_of(database).iterdir()) == []


async def test_a_reader_that_died_or_left_is_forgotten(database: Path, hub: Hub) -> None:
    left, died, stays = (Listener(database, WORK) for _ in range(3))
    await everything_said(database)
    left.close()
    died._endpoint.close()
    for _ in range(2):
        hub.hint(WORK)
        assert await woken(stays)
    assert list(hub._peers) == [stays._endpoint.address]
    stays.close()


async def test_a_reader_that_sleeps_holds_up_nobody(database: Path, hub: Hub, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sleeper:
        address = folder_of(database) / "sleeper.sock"
        sleeper.bind(str(address))
        sleeper.sendto(
            b"+" + EVERYTHING.to_bytes(8, "little") + str(address).encode(), str(folder_of(database) / "hub.sock")
        )
        reader = Listener(database, WORK)
        await everything_said(database)
        for _ in range(300):
            hub.hint(WORK)
            hub._fan_out()
        assert await woken(reader)
        assert str(address) in hub._peers
        reader.close()


@pytest.mark.parametrize(
    "packet", [b"", b"+", b"+12345678", b"!", b"!123", b"?" * 9, b"!" + b"x" * 400, b"-\xff\xfe", b"+" + b"\xff" * 20]
)
async def test_what_is_no_hint_is_passed_over(database: Path, hub: Hub, packet: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(packet, str(folder_of(database) / "hub.sock"))
        reader, poker = Listener(database, WORK), Poker(database)
        await everything_said(database)
        poker.poke(WORK)
        assert await woken(reader)
        reader.close()
        poker.close()


async def test_only_the_owner_can_enter_the_folder_of_the_sockets(database: Path) -> None:
    hub = Hub(database, lambda topics: None)
    assert stat.S_IMODE(folder_of(database).stat().st_mode) == 0o700
    hub.close()
    folder_of(database).chmod(0o755)
    with pytest.raises(PermissionError, match="only its owner can enter"):
        Hub(database, lambda topics: None)
    folder_of(database).chmod(0o700)


async def test_a_link_is_no_folder_of_sockets(database: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder_of(database).symlink_to(elsewhere)
    with pytest.raises(PermissionError, match="only its owner can enter"):
        Hub(database, lambda topics: None)
    assert list(elsewhere.iterdir()) == []


def test_the_runtime_folder_is_used_where_it_is_ours_alone(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = Path("/srv").joinpath(*["a-rather-long-name"] * 6, "desk.db")
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    temporary = folder_of(deep)
    with tempfile.TemporaryDirectory(prefix="r") as name:
        runtime = Path(name)
        monkeypatch.setenv("XDG_RUNTIME_DIR", name)
        assert folder_of(deep) == runtime / temporary.name
        runtime.chmod(0o755)
        assert folder_of(deep) == temporary
        runtime.chmod(0o700)
        link = tmp_path_factory.mktemp("links") / "run"
        link.symlink_to(runtime)
        for wrong in (str(link), str(runtime / "none"), "relative", ""):
            monkeypatch.setenv("XDG_RUNTIME_DIR", wrong)
            assert folder_of(deep) == temporary


async def test_a_desk_at_a_long_path_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name"] * 6, "desk.db")
    other = deep.with_name("other.db")
    assert folder_of(deep) != folder_of(other)
    hub = Hub(deep, lambda topics: None)
    reader, poker = Listener(deep, WORK), Poker(deep)
    poker.poke(WORK)
    assert await woken(reader)
    for each in (reader, poker, hub):
        each.close()
    folder_of(deep).rmdir()


def test_a_poke_before_there_is_a_folder_is_no_error(tmp_path: Path) -> None:
    poker = Poker(tmp_path / "none" / "desk.db")
    poker.poke(EVERYTHING)
    poker.close()
    poker.close()
