"""The console as its user meets it: the real program in a real terminal, with the engine that it starts."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.actions import cases
from core.config.document import PresenceConfiguration, RoutingConfiguration, Smtp
from tests.acceptance.consoles import ConsoleDesk, consoles_of
from tests.acceptance.terminal import PATIENCE, needs_tmux
from tests.builders import Story
from tests.console.screen_driving import a_day, desk_document
from tests.services import SmtpSink, until

OFFERED = "Battery no longer charges"
SLOW = RoutingConfiguration(push_timeout=1200)


@pytest.fixture
def desk_of(tmp_path: Path) -> Iterator[Callable[[Story], ConsoleDesk]]:
    """Open consoles at a story's desk; as often as it is called."""
    needs_tmux()
    with ExitStack() as stack:
        yield lambda story: stack.enter_context(consoles_of(tmp_path, story))


def wanted(port: int = 1, **presence: object):
    """The desk's set-up, with a mail server at a port, and offers that do not run out while a test looks."""
    made = desk_document(
        presence_configuration=PresenceConfiguration(status_after_timeout=None, **presence), routing=SLOW
    )
    box = made.mailboxes["support"].model_copy(update={"smtp": Smtp(host="127.0.0.1", port=port, tls="none")})
    return made.model_copy(update={"mailboxes": {"support": box}})


def test_an_agents_work_from_offer_to_reopening_in_a_small_terminal(
    tmp_path: Path, desk_of, smtp_sink: SmtpSink
) -> None:
    desk = desk_of(a_day(tmp_path, offer=True, wanted=wanted(smtp_sink.port)))
    maya = desk.console((80, 24), "maya", "--undo", "1")
    maya.until("a accept")
    maya.type("a")
    maya.until("#6 Lena Ortiz")
    desk.wait("select state from work_items where case_id = 6", "accepted")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.type("Hold the reset key for ten seconds.")
    maya.until("Hold the reset key for ten seconds.")
    maya.press("C-s")
    maya.until(lambda shown: "goes out" in shown or "You  to Lena" in shown)
    maya.until("· sent")
    assert desk.texts(6, "outbound") == ["Hold the reset key for ten seconds."]
    assert desk.draft(6) is None

    maya.type("n")
    maya.until("Note, only colleagues see this")
    maya.type("Board may be broken.")
    maya.press("C-o")
    maya.until("Reply to Lena Ortiz")
    maya.press("C-o")
    maya.until("Note, only colleagues see this")
    maya.press("C-s")
    maya.until("note, not for the customer")
    assert desk.texts(6, "note") == ["Board may be broken."]

    maya.type("c")
    maya.until("#6 is resolved.")
    maya.type("O")
    maya.until("resolved → open")
    assert desk.one("select status from cases where id = 6") in ("new", "open")
    maya.press("C-q")
    assert maya.code() == 0
    assert desk.sessions() == 0


def test_f2_accepts_while_writing_and_a_decline_asks_for_its_reason(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, offer=True, wanted=wanted(decline_reason_required=True)))
    maya = desk.console((120, 36))
    maya.until("a accept")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.type("Half a sen")
    maya.until("F2 accept")
    maya.press("F2")
    maya.until("it waits in your list")
    desk.wait("select state from work_items where case_id = 6", "accepted")
    maya.type("tence.")
    maya.until("Half a sentence.")

    number = desk.act("sam", cases.open_new, "Second offer", "It is dark.", address="x@example.org")
    maya.press("Escape")
    maya.until("d decline")
    maya.type("d")
    maya.until(f"Why do you decline #{number}?")
    maya.type("driving")
    maya.press("Enter")
    desk.wait("select reason from assignments where reason <> ''", "driving")
    maya.until(f"You declined #{number}.")
    assert "Half a sentence." in maya.screen()

    maya.type("p")
    maya.until("Your status")
    maya.type("2")
    maya.until("◐ Away")


@pytest.mark.parametrize(("size", "rules"), [((120, 36), (31, -31)), ((200, 50), (41, -76, -38))])
def test_the_panes_stand_in_their_columns(
    tmp_path: Path, desk_of, size: tuple[int, int], rules: tuple[int, ...]
) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console(size)
    shown = maya.until(
        lambda shown: all(each in shown for each in ("Yield report", "#1  Inverter", " r reply   n note   t"))
    ).split("\n")
    width, height = size
    body = shown[3 : height - 2]
    for row in body:
        cells = row.ljust(width)
        assert [cells[column] for column in rules] == ["│"] * len(rules), row
    assert set(shown[2]) <= {"─", "━"}
    assert len(shown[2]) == width
    assert shown[height - 2].strip() == ""
    heads = shown[4].ljust(width)
    assert heads[2:9] == "My work"
    assert heads[rules[0] + 2 :].startswith("#1  Inverter")
    assert heads[rules[1] + 2 :].startswith("Work guide")
    assert shown[height - 1].startswith(" r reply")
    assert shown[height - 1].rstrip().endswith("ctrl+p commands   ? help")


def test_a_window_that_is_drawn_smaller_and_back_loses_nothing(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36))
    maya.until("#1  Inverter")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.type("Still here")
    before = maya.until(lambda shown: "Still here" in shown and "draft kept" in shown)
    maya.resize((40, 10))
    maya.until(lambda shown: "Still here" in shown and "Work guide" not in shown)
    maya.resize((20, 5))
    maya.until(lambda shown: all(len(row) <= 20 for row in shown.split("\n")))
    maya.type(", and here.")
    maya.resize((120, 36))
    maya.until("Still here, and here.")
    maya.until(lambda shown: rules_of(shown) == rules_of(before))


def rules_of(shown: str) -> list[list[int]]:
    """The columns of the rules of each row, the composer's own row aside."""
    return [[found.start() for found in re.finditer("│", row)] for row in shown.split("\n")]


def test_consoles_of_one_desk_see_each_others_change(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36))
    maya.until("Inverter shows")
    sam = desk.console((120, 36), "sam", "--work", str(desk.one("select id from work_items where case_id = 1")))
    again = desk.console((80, 24), "maya")
    sam.until("#1  Inverter")
    sam.type("n")
    sam.until("Note, only colleagues see this")
    sam.type("Sam was here.")
    sam.press("C-s")
    maya.until("Sam was here.")
    again.until("Inverter shows")
    again.press("Enter")
    again.until("Sam was here.")
    maya.type("c")
    maya.until("#1 is resolved.")
    sam.until("resolved")
    again.until(lambda shown: "resolved" in shown)
    maya.press("Tab")
    assert desk.sessions() == 3


def test_a_case_closed_by_another_while_one_types(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36), "maya", "--undo", "0")
    maya.until("#1  Inverter")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.type("Too late?")
    maya.until("Too late?")
    desk.act("sam", cases.close, 1)
    maya.until("closed meanwhile")
    maya.press("C-s")
    maya.until("Your text on #1 is kept as a draft")
    maya.until("Too late?")
    assert "Too late?" not in desk.texts(1, "outbound")
    kept = desk.draft(1)
    assert kept is not None
    assert kept.text == "Too late?"


def test_an_engine_that_is_killed_is_started_again(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36))
    desk.wait("select expires_at > 0 from engine_lease", 1)
    (engine,) = until(desk.engines, "an engine runs", PATIENCE)
    os.kill(engine, signal.SIGKILL)
    desk.write("update engine_lease set expires_at = 0")  # its lease runs out
    maya.until("The engine had stopped; this console started it again.")
    desk.wait("select expires_at > 0 from engine_lease", 1)
    assert engine not in desk.engines()
