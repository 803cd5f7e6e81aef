"""What the screens look like, at the three sizes and in every theme: text and styles, compared with the pictures kept beside.

After a change that is wanted: `UPDATE_SNAPSHOTS=1 pytest tests/console/test_snapshots.py`, then read the difference before it is kept.
A file holds the rows of the screen, then the same rows with a letter for each style, then what the letters mean.
"""

from __future__ import annotations

import os
import string
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from console.app import DeskApp
from console.keys import CASES, SUPERVISE, WORK
from tests.builders import NOON, ManualClock, Story
from tests.console.screen_driving import a_day, console, desk_document, opened, shown, typed, until

FOLDER = Path(__file__).with_name("snapshots")
WIDE, MIDDLE, NARROW = (200, 50), (120, 36), (80, 24)


class Picture(NamedTuple):
    """A screen to look at."""

    name: str
    size: tuple[int, int]
    keys: Sequence[str]
    settled: str
    """What stands on the screen when nothing more is to come."""
    theme: str = "dark"
    ascii_signs: bool = False
    offer: bool = False
    screen: str = WORK
    agent: str = "maya"
    empty: bool = False


WRITING = ("r", "Hello Lena, thank you for trying.")
PICTURES = (
    Picture("reading-120x36", MIDDLE, (), "5 quoted lines"),
    Picture("reading-200x50", WIDE, (), "5 quoted lines"),
    Picture("list-80x24", NARROW, (), "My work 3"),
    Picture("writing-80x24", NARROW, ("enter", *WRITING), "draft kept", offer=True),
    Picture(
        "writing-ascii-80x24", NARROW, ("enter", *WRITING), "draft kept", theme="none", ascii_signs=True, offer=True
    ),
    *(
        Picture(f"writing-{theme}-120x36", MIDDLE, WRITING, "draft kept", theme=theme, offer=True)
        for theme in ("dark", "light", "contrast", "sixteen", "sixteen-light", "none")
    ),
    Picture("note-120x36", MIDDLE, ("n", "Two boards are in stock."), "draft kept"),
    Picture("empty-120x36", MIDDLE, (), "All answered.", empty=True),
    Picture("palette-120x36", MIDDLE, ("colon", "res"), "enter run"),
    Picture("help-120x36", MIDDLE, ("question_mark",), "Keys in Work"),
    Picture("cases-120x36", MIDDLE, (), "Last change", screen=CASES),
    Picture("cases-80x24", NARROW, (), "Invoice", screen=CASES),
    Picture("supervise-80x24", NARROW, (), "billing", screen=SUPERVISE, agent="sam", offer=True),
    Picture("supervise-120x36", MIDDLE, (), "opened", screen=SUPERVISE, agent="sam", offer=True),
    Picture("supervise-200x50", WIDE, (), "Last acts", screen=SUPERVISE, agent="sam", offer=True),
    Picture("tiny-40x10", (40, 10), (), "My work"),
)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let no time pass for the console: it is noon, in UTC."""
    localtime, strftime = time.localtime, time.strftime
    now_s = NOON // 1_000_000
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr(time, "time_ns", lambda: NOON * 1000)
    monkeypatch.setattr(time, "time", lambda: float(now_s))
    monkeypatch.setattr(time, "localtime", lambda at=now_s: localtime(at))
    monkeypatch.setattr(time, "strftime", lambda form, at=None: strftime(form, localtime(now_s) if at is None else at))
    yield NOON
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_a_screen_looks_as_it_did(picture: Picture, still: int, tmp_path: Path) -> None:
    if picture.empty:
        story = Story(tmp_path / "desk.db", desk_document(), ManualClock(still))
        story.present("maya")
    else:
        story = a_day(tmp_path, still, offer=picture.offer)
    app = console(
        story,
        tmp_path,
        picture.agent,
        theme=picture.theme,
        ascii_signs=picture.ascii_signs,
        first=picture.screen,
    )
    async with opened(app, picture.size) as pilot:
        for key in picture.keys:
            if len(key) > 1 and " " in key:
                await typed(pilot, key)
            elif picture.keys[0] == "colon" and key != "colon":
                await pilot.press(*key)
            else:
                await pilot.press(key)
        await until(pilot, lambda: picture.settled in shown(app))
        seen = await settled(pilot, app)
    kept = FOLDER / f"{picture.name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        kept.write_text(seen)
    assert seen == kept.read_text(), f"{picture.name} looks different; read the difference, then UPDATE_SNAPSHOTS=1"


async def settled(pilot, app: DeskApp) -> str:
    """Wait until the screen has stayed the same for a while, and return it."""
    same, before = 0, ""
    while same < 8:
        await pilot.pause(0.05)
        now = picture_of(app)
        same, before = (same + 1, before) if now == before else (0, now)
    return before


def picture_of(app: DeskApp) -> str:
    """Return the screen as rows of text, rows of styles, and the key to the styles."""
    letters: dict[str, str] = {}
    rows, styles = [], []
    for strip in app.screen._compositor.render_strips():
        row, marks = "", ""
        for text, style, _control in strip:
            said = described(style)
            letter = letters.setdefault(said, (string.ascii_letters + string.digits)[len(letters)])
            row += text
            marks += letter * len(text)
        rows.append(row.rstrip())
        styles.append(marks)
    key = [f"{letter} {said}" for said, letter in letters.items()]
    return "\n".join([*rows, "", *styles, "", *key]) + "\n"


def described(style) -> str:
    """Return a style in words, without what only a mouse sees."""
    if style is None:
        return "none"
    names = ("bold", "dim", "reverse", "underline", "strike", "blink", "italic")
    marks = [name for name in names if getattr(style, name)]
    colour = style.color.name if style.color else "default"
    ground = style.bgcolor.name if style.bgcolor else "default"
    return " ".join([f"{colour} on {ground}", *marks])
