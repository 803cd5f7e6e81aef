"""What is typed and pasted at a real terminal, as fast as a line delivers it, goes where its writer meant it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.consoles import ConsoleDesk, consoles_of
from tests.acceptance.terminal import PATIENCE, Recorder, plain
from tests.acceptance.test_console_hostile import judged
from tests.acceptance.test_console_tmux import wanted
from tests.acceptance.test_console_violence import is_kept
from tests.builders import Story
from tests.console.screen_driving import a_day
from tests.services import until

BREAKING = b"one\x1bc\x1b[200~two\x11\x03\x10c\r\x1b[24~\x1b]52;c;ZXZpbA==\x07\x9b2J\xff\x1b[201"
SHOWN = "one\ufffdc\ufffd[200~two\ufffd\ufffd\ufffdc\n\ufffd[24~\ufffd]52;c;ZXZpbA==\ufffd\ufffd2J\ufffd\ufffd[201"


@pytest.fixture
def desk_of(tmp_path: Path) -> Iterator[Callable[[Story], ConsoleDesk]]:
    with ExitStack() as stack:
        yield lambda story: stack.enter_context(consoles_of(tmp_path, story))


@pytest.fixture
def maya_at(tmp_path: Path, desk_of) -> Callable[..., tuple[ConsoleDesk, Recorder]]:
    def begin(*options: str, **parts: object) -> tuple[ConsoleDesk, Recorder]:
        desk = desk_of(a_day(tmp_path, wanted=wanted(**parts.pop("presence", {})), **parts))  # type: ignore[arg-type]
        maya = desk.bare((120, 36), "maya", *options)
        maya.until("#1  Inverter")
        until(desk.sessions, "the console is connected", PATIENCE)
        return desk, maya

    return begin


def test_a_paste_is_text_whatever_is_in_it(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.paste(BREAKING)
    maya.type("!")
    is_kept(desk, 1, SHOWN + "!")
    assert maya.is_alive
    maya.type("\x11")
    assert maya.code() == 0
    judged(maya.written())


def test_a_paste_where_nothing_is_written_does_nothing(maya_at) -> None:
    desk, maya = maya_at()
    maya.paste(BREAKING)
    maya.paste(b"c\x11\x1b[201~c\x11\r" + BREAKING)
    mark = maya.mark()
    maya.type("r")
    maya.until("Reply to Lena Ortiz", mark)
    assert desk.one("select status from cases where id = 1") == "open"


def test_a_paste_without_an_end_does_not_take_the_keyboard_away(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.send(b"\x1b[200~It begins")
    maya.until("It begins")
    maya.type(".")
    is_kept(desk, 1, "It begins.")
    maya.type("\x11")
    assert maya.code() == 0


def test_bytes_that_are_no_text_and_keys_that_are_none_end_nothing(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.send(b"gr\xfc\xdfe \x1b[1114112u\x1b[99999999999999u")
    maya.type("from here")
    is_kept(desk, 1, "gr\ufffd\ufffde from here")


def test_a_digit_behind_the_key_that_opens_a_choice_chooses(maya_at) -> None:
    desk, maya = maya_at(offer=True, presence={"decline_reasons": ("busy", "lunch")})
    maya.until("a accept")
    maya.type("d2")
    desk.wait("select count(*) from journal where kind = 'work.declined' and data like '%lunch%'", 1)
    maya.type("h1tax office\r")
    desk.wait("select hold_reason from cases where id = 1", "tax office")
    before = maya.mark()
    maya.type("p2")  # 2 alone would go to the list of cases
    until(lambda: "space select" not in plain(maya.written(before)), "it stays", PATIENCE)
    desk.wait("select count(*) from journal where kind = 'agent.presence_changed' and actor_name = 'maya'", 1)
    assert "space select" not in plain(maya.written(before))


def test_text_behind_the_key_that_opens_a_field_is_in_the_field(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("/invoice")
    maya.until("Invoice for March")
    maya.until("1 found")
    maya.type("\x10#3\rrHello.\x10work")  # by its number, into the composer, into the palette again
    is_kept(desk, 3, "Hello.")
    maya.until("3 of ")
    assert [draft.case for draft in desk.drafts().all()] == [3]


def test_a_form_is_filled_in_one_breath_also_out_of_a_text(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("rHalf a sentence\x0eAnna Berg\t\tanna@berg.example\t\t\t\t\tNo hot water\tSince noon.\x13")
    desk.wait("select count(*) from cases where subject = 'No hot water'", 1)
    is_kept(desk, 1, "Half a sentence")


def test_a_key_pressed_twice_closes_one_thing(maya_at) -> None:
    _desk, maya = maya_at()
    for keys in ("\x10theme: light\r\r\r", "p\x1b[B\r\r", "?\x1b\x1b"):
        maya.type(keys)
    mark = maya.mark()
    maya.type("\x0e")
    maya.until("New case", mark)
    assert maya.is_alive


def test_what_is_written_goes_to_the_case_under_the_cursor(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("jrFor the second, cjk.")
    second = until(lambda: next(iter(desk.drafts().all()), None), "a draft is kept", PATIENCE)
    assert second.case != 1
    is_kept(desk, second.case, "For the second, cjk.")
    assert desk.drafts().load(1) is None
    assert desk.one("select count(*) from cases where status = 'resolved'") == 0


def test_sizes_that_come_and_go_while_one_writes_cost_nothing(maya_at) -> None:
    desk, maya = maya_at()
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    written = ""
    for round_ in range(12):
        for size in ((20, 5), (200, 50), (1, 1), (120, 36)):
            maya.resize(size)
            maya.signal(signal.SIGWINCH)
            maya.type(f"{round_} ")
            written += f"{round_} "
    is_kept(desk, 1, written)
    maya.type("\x11")
    assert maya.code() == 0


@pytest.mark.parametrize("env", [{"TERM": ""}, {"LANG": "C", "LC_ALL": "C"}, {"TERM": "vt100"}], ids=str)
def test_a_terminal_that_says_little_of_itself_will_do(tmp_path: Path, desk_of, env: dict[str, str]) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = Recorder(desk.env)
    maya._env |= env
    desk._terminals.append(maya)
    maya.start((80, 24), desk._command("console", "maya", ()))
    maya.until("Inverter shows")
    until(desk.sessions, "the console is connected", PATIENCE)
    maya.type("rPlain words.")
    is_kept(desk, 1, "Plain words.")
    maya.type("\x11")
    assert maya.code() == 0


def test_a_terminal_without_screens_is_told_so(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = Recorder(desk.env)
    maya._env |= {"TERM": "dumb"}
    desk._terminals.append(maya)
    maya.start((80, 24), desk._command("console", "maya", ()))
    assert maya.code() == 2
    maya.until("TERM=dumb")
    assert b"\x1b" not in maya.written()


def test_a_paste_of_five_megabytes_in_one_line_is_no_end_of_a_search(maya_at) -> None:
    _desk, maya = maya_at()
    maya.type("/")
    maya.until("enter to the list")
    maya.paste(b"[@click=app.quit]" * 300_000)
    maya.until("Nothing found")
    mark = maya.mark()
    maya.type("\x1b")
    maya.until("space select", mark)
    assert maya.is_alive
