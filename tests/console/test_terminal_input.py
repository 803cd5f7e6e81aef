"""What the terminal sends becomes keys and pastes; nothing in a paste becomes a key."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events

from console import terminal_input
from console.terminal_input import END, LONGEST_PASTE, LOST_S, QUIET_S, START, DeskParser, Paste


class Terminal:
    """A parser, and what it made of what was sent: a key's name, or a paste in brackets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        for module in ("console.terminal_input", "textual._parser"):
            monkeypatch.setattr(f"{module}.get_time", lambda: self.now)
        self.parser = DeskParser()
        self.found: list[str] = []
        self.pastes: list[Paste] = []

    def sends(self, *pieces: str) -> Terminal:
        for piece in pieces:
            self._take(self.parser.feed(piece))
        return self

    def waits(self, seconds: float) -> Terminal:
        self.now += seconds
        self._take(self.parser.tick())
        return self

    def _take(self, messages: object) -> None:
        for message in messages:  # type: ignore[attr-defined]
            if isinstance(message, Paste):
                self.pastes.append(message)
                self.found.append(f"[{message.text}]")
            elif isinstance(message, events.Key):
                self.found.append(message.key)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


WHOLE: Callable[[str], list[str]] = lambda text: [text]  # noqa: E731
BY_CHARACTER: Callable[[str], list[str]] = list


@pytest.mark.parametrize("cut", [WHOLE, BY_CHARACTER], ids=["at once", "a character at a time"])
@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("plain", "plain"),
        ("\x1bc\x11\x1b[A\x1b[3~", "\ufffdc\ufffd\ufffd[A\ufffd[3~"),
        (f"a{START}b", "a\ufffd[200~b"),
        ("\x1b", "\ufffd"),
        ("\x1b[201", "\ufffd[201"),
        ("one\rtwo\r\nthree\nfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e", "\ufffd]52;c;ZXZpbA==\ufffd\ufffd31m\ufffd"),
    ],
)
def test_all_of_a_paste_is_one_text(
    terminal: Terminal, inside: str, shown: str, cut: Callable[[str], list[str]]
) -> None:
    terminal.sends(*cut(f"a{START}{inside}{END}b")).waits(2 * QUIET_S)
    assert terminal.found == ["a", f"[{shown}]", "b"]


def test_an_empty_paste_is_no_key(terminal: Terminal) -> None:
    terminal.sends(f"{START}{END}x").waits(2 * QUIET_S)
    assert terminal.found == ["[]", "x"]


def test_what_breaks_out_of_a_paste_stays_text(terminal: Terminal) -> None:
    terminal.sends(f"{START}one{END}c\x11\r{START}two{END}c", f"three{END}").waits(2 * QUIET_S).sends("j")
    assert "".join(terminal.found[:-1]) == "[one][\ufffd[201~c\ufffd\n\ufffd[200~two][\ufffd[201~cthree]"
    assert terminal.found[-1] == "j"


def test_two_pastes_are_two(terminal: Terminal) -> None:
    terminal.sends(f"{START}one{END}{START}two{END}").waits(2 * QUIET_S).sends("j")
    assert terminal.found == ["[one]", "[two]", "j"]


def test_a_paste_without_an_end_swallows_no_keys(terminal: Terminal) -> None:
    terminal.sends(f"{START}some text\x1b").waits(LOST_S)
    assert terminal.found == ["[some text]"]
    terminal.waits(1).sends("j", "\x1b[A", "\r")
    assert terminal.found == ["[some text]", "j", "up", "enter"]


def test_a_paste_over_a_line_that_stalls_goes_on_as_a_paste(terminal: Terminal) -> None:
    terminal.sends(f"{START}first").waits(LOST_S + 5).sends("cccc second ", f"third{END}").waits(2 * QUIET_S).sends("j")
    assert terminal.found == ["[first]", "[cccc second third]", "j"]


def test_a_start_mark_that_the_line_cuts_is_no_keys(terminal: Terminal) -> None:
    terminal.sends("\x1b[20").waits(0.3).sends(f"0~2c{END}").waits(2 * QUIET_S)
    assert terminal.found == ["[2c]"]


def test_escape_alone_is_a_key(terminal: Terminal) -> None:
    terminal.sends("\x1b").waits(0.2)
    assert terminal.found == ["escape"]


def test_of_a_huge_paste_the_beginning_and_the_length_are_kept(terminal: Terminal) -> None:
    for piece in (START, *["x" * 50_000] * 100, END):
        terminal.sends(piece)
        assert sum(map(len, terminal.parser._parts)) <= LONGEST_PASTE
    (paste,) = terminal.pastes
    assert (len(paste.text), paste.length) == (LONGEST_PASTE, 5_000_000)


@pytest.mark.parametrize("key", ["\x1b[99999999999u", "\x1b[1114112u", "\x1b[1;1;1114112u"])
def test_a_key_that_does_not_exist_is_no_end(terminal: Terminal, key: str) -> None:
    terminal.sends(key, "a", f"{START}b{END}").waits(2 * QUIET_S)
    assert terminal.found[-2:] == ["a", "[b]"]


def test_the_names_of_the_marks_are_those_of_terminals() -> None:
    assert (terminal_input.START, terminal_input.END) == ("\x1b[200~", "\x1b[201~")
