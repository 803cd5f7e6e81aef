"""What others wrote cannot reach the terminal of the console as it came: every byte that the real program writes is looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.consoles import ConsoleDesk, consoles_of
from tests.acceptance.terminal import PATIENCE, Size, Tmux, needs_tmux, plain, sequences
from tests.acceptance.test_console_tmux import wanted
from tests.builders import Story
from tests.console.driving import HOSTILE
from tests.console.screen_driving import a_day
from tests.console.test_hostile import BAD
from tests.services import until

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308"
WORST = (
    HOSTILE.replace("\0", "")
    + " [/nope] [@click=app.quit]x[/] \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x1b]52;c;ZXZpbA==\x07 "
    + "\x85\x9b31m\x9d0;owned\x9c\x90q \x1b[2J\x1bc \x1b[?1049l \x0e\x7f e\u0301\u0302\u0303 \u05e9\u05dc\u05d5\u05dd \u2067 "
    + FAMILY
)
COLOURS = re.compile(r"(?:[0-9]|2[1-9]|39|49|[34]8;2;\d+;\d+;\d+)(?:;(?:[0-9]|2[1-9]|39|49|[34]8;2;\d+;\d+;\d+))*")
MODES = re.compile(rb"\x1b\[\?(?:1000|1002|1003|1004|1006|1015|1049|2004|2026|2048|25|7)[hl]")
OTHERS = re.compile(
    rb"\x1b\[(?:\d+;\d+)?H|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u|\x1b\[\?u|\x1b\[c|\x1b\[\??6n|\x1b\[\d* q|\x1b\]22;[a-z-]+\x07"
)


@pytest.fixture
def desk_of(tmp_path: Path) -> Iterator[Callable[[Story], ConsoleDesk]]:
    with ExitStack() as stack:
        yield lambda story: stack.enter_context(consoles_of(tmp_path, story))


def spoil(story: Story) -> None:
    """Make every text of a desk that comes from outside, or from whoever configures it, as bad as can be."""
    story.act("admin", lambda tx: None)
    long = WORST + "x" * 10_000
    with story.desk._writing() as connection:
        run = connection.exec_driver_sql
        run("update contacts set name = ?", (WORST,))
        run("update contact_points set value = ?", (WORST,))
        run("update cases set subject = ?", (long,))
        run("update cases set hold_reason = ? where hold_reason is not null", (WORST,))
        run(
            "update messages set text = ?, reply_text = ?, subject = ?, recipients = ?, reply_to = ?",
            (f"{WORST}\n> quoted\n> {WORST}", f"line\n{WORST}", WORST, json.dumps([WORST]), WORST),
        )
        run("update messages set delivery = 'failed', delivery_error = ? where direction = 'outbound'", (WORST,))
        run("update assignments set reason = ?", (WORST,))
        run("update queues set label = ?", (WORST,))
        run("update agents set full_name = ?", (WORST,))
        run("update agents set role = 'supervisor' where name = 'maya'")
        run("update channels set label = ?", (WORST,))
        run("update presence_statuses set label = ?", (WORST,))
        run("update presence_configurations set decline_reasons = ?", (json.dumps([WORST, "busy"]),))
        run("update desk_settings set value = ? where name in ('name', 'desk_name')", (json.dumps(WORST),))
        run("update mailbox_states set failed_at = 1, failure = ?", (WORST,))
        run("insert into blobs values ('d', 1, x'00')")
        first = run("select min(id) from messages where case_id = 1").scalar()
        for place in (1, 2):
            run("insert into attachments values (?, ?, ?, ?, ?, 1, 0, '', 'd')", (place, first, place, WORST, WORST))
        run("update journal set actor_name = ? where actor_kind <> 'engine'", (WORST,))
        run("update journal set data = json_set(data, '$.reason', ?, '$.text', ?)", (WORST, WORST))
        run("update journal set kind = 'new.kind' where kind = 'work.opened'")


def judged(written: bytes) -> None:
    """Judge everything that a console wrote: well-formed, nothing but Textual's own sequences, nothing of the data's."""
    written.decode()  # a byte of C1, or half a character, is no UTF-8
    found = sequences(written)
    assert written.count(b"\x1b") == len(found)
    strange = {each for each in found if not (MODES.fullmatch(each) or OTHERS.fullmatch(each) or is_colour(each))}
    assert not strange
    assert not set(plain(written)) & (BAD - {"\x07", "\r"})  # one bell for the offer


def is_colour(sequence: bytes) -> bool:
    """Say whether a sequence is a style of the dark theme: it has no colour by number, as the data's have."""
    inside = sequence[2:-1].decode()
    return sequence[-1:] == b"m" and (not inside or COLOURS.fullmatch(inside) is not None)


def steps(maya: Tmux, *pairs: tuple[str, str]) -> None:
    """Press keys, and wait for what is shown then; what begins with `!` is to be gone."""
    for key, expected in pairs:
        maya.press(key)
        maya.until(lambda shown, word=expected: (word[1:] not in shown) if word[0] == "!" else word in shown)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_nothing_of_the_data_acts_on_the_terminal(tmp_path: Path, desk_of, size: Size) -> None:
    needs_tmux()
    story = a_day(tmp_path, offer=True, wanted=wanted())
    spoil(story)
    desk = desk_of(story)
    maya = desk.console(size)
    maya.until("Rechnung \ufffd[31mrot")
    maya.until("a accept")
    until(desk.sessions, "the console is connected", PATIENCE)
    steps(
        maya,
        ("d", "Why do you decline #6?"),
        ("Escape", "!Why do you"),
        ("Enter", "quoted line"),
        ("x", "> quoted"),
        ("t", "Where does #1 go?"),
        ("Escape", "!Where does"),
        ("s", "Which file?"),
        ("Escape", "!Which file?"),
        ("p", "Your status"),
        ("Escape", "!Your status"),
        ("h", "Hold #1 for how long?"),
        ("1", "Why does #1 wait?"),
    )
    maya.paste(WORST)
    maya.until("take it")
    steps(
        maya,
        ("Escape", "!Why does #1 wait?"),
        ("?", "Keys in"),
        ("Escape", "!Keys in"),
        ("C-p", "This case"),
    )
    maya.paste(WORST)
    maya.until("Nothing is called that.")
    steps(
        maya,
        ("Escape", "!Nothing is called"),
        ("2", "space select"),
        ("v", "space select"),
        ("v", "space select"),
        ("/", "enter to the list"),
    )
    maya.paste(WORST)
    maya.until("Nothing found")
    steps(maya, ("C-s", "under which name?"))
    maya.paste("\x1b]0;owned\x07 [@click=app.quit] \u202e\x9b2J")
    maya.until("click=app.quit")
    steps(
        maya,
        ("Enter", "!under which name?"),
        ("Escape", "space select"),
        ("C-n", "New case"),
    )
    for _field in range(9):
        maya.paste(WORST)
        maya.press("Tab")
    steps(
        maya,
        ("Escape", "Throw away what you wrote?"),
        ("Enter", "!Throw away"),
        ("5", "wall"),
        ("Tab", "wall"),
        ("j", "wall"),
        ("s", "Status of"),
        ("Escape", "!Status of"),
        ("Tab", "wall"),
        ("j", "wall"),
        ("Tab", "wall"),
        ("Tab", "wall"),
        ("1", "c resolve"),
        ("r", "Reply to Rechnung"),
    )
    maya.paste(WORST)
    kept = until(lambda: desk.draft(1), "the draft is kept", PATIENCE)
    assert "[/nope]" in kept.text
    assert not set(kept.text) & BAD
    maya.press("C-q")
    assert maya.code() == 0
    judged(maya.written())


def test_a_paste_of_five_megabytes_is_cut_and_typing_goes_on(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.bare((120, 36), "maya", "--undo", "0")
    maya.until("#1  Inverter")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.paste(b"0123456789 abcdefg\n" * 270_000)
    maya.until("characters were pasted.")
    maya.type("Typed behind it.")
    maya.until("Typed behind it.")
    until(
        lambda: (kept := desk.draft(1)) is not None and kept.text.endswith("Typed behind it."), "it is kept", PATIENCE
    )
