"""What comes in from the terminal: keys, and pastes that stay pastes whatever is in them.

Textual ends a paste at the first ESC inside it and takes the rest for keys; it decodes strictly, so that one wrong byte ends the program.
Here everything between the marks of a paste is one text. What a paste that carries the end mark itself leaves behind it, in the same
burst, belongs to the paste as well: nobody types that fast.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from textual import events
from textual._time import get_time
from textual._xterm_parser import BRACKETED_PASTE_END as END
from textual._xterm_parser import BRACKETED_PASTE_START as START
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from data.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    Reading = Generator[Message, None, str]
    """Messages, and in the end what of the input is still to be read."""

LONGEST_PASTE = 200_000
"""In characters: more is no answer to anybody, and a text area does not stay quick with it."""
QUIET_S = 0.1
"""What follows a paste within this time may belong to it."""
LOST_S = 2.0
"""A paste from which nothing was heard for this long is shown as it is; its end mark may be lost."""
_HALF_S = 1.0
"""How long the rest of a start mark may take: it is cut where the line's packets end."""
_MOST_HELD = 4096
_LONGEST_KEY = 12
_LEAST_MARK = 3


class Paste(events.Paste):
    """A text that was pasted, clean, at most `LONGEST_PASTE` characters of it.

    Args:
        length: how many characters came.
    """

    def __init__(self, text: str, length: int) -> None:
        super().__init__(text)
        self.length = length


class TerminalGone(Message):
    """Nothing will come from the terminal any more."""


def begun(text: str, mark: str) -> str:
    """Return the end of a text that may be the beginning of a mark."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if mark.startswith(text[-length:]):
            return text[-length:]
    return ""


class DeskParser(XTermParser):
    """Textual's parser, with the pastes taken out of what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self._state = "keys"  # or `paste`, or `behind` one
        self._half = ""
        """The beginning of a mark at the end of what came last."""
        self._parts: list[str] = []
        self._kept = self._length = 0
        self._held = ""
        self._heard_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether time alone changes something soon."""
        return self._state == "behind" or bool(self._half)

    def feed(self, data: str) -> Iterable[Message]:
        """Yield what the terminal's characters mean; an empty text is the end."""
        if not data:
            yield from super().feed("")
            return
        silent = get_time() - self._heard_at
        self._heard_at = get_time()
        if self._state == "paste" and silent >= LOST_S and _is_typed(data):
            self._half = ""
            yield from self._over("")
        elif self._state == "behind" and silent >= QUIET_S:
            held, self._held = self._held, ""
            yield from self._over(held)
        while data:
            if self._state == "keys":
                data = yield from self._read_keys(data)
            elif self._state == "paste":
                data = yield from self._read_paste(data)
            else:
                data = yield from self._read_behind(data)

    def tick(self) -> Iterable[Message]:
        """Yield what has become clear since: that a key was escape alone, or that a paste is over."""
        silent = get_time() - self._heard_at
        if self._state == "paste" and silent >= LOST_S and self._parts:
            yield self._taken()  # what follows is still of the paste, unless it looks like a key
        elif self._state == "behind" and silent >= QUIET_S:
            held, self._held = self._held, ""
            yield from self._over(held)
        if self._state == "keys" and (len(self._half) < _LEAST_MARK or silent >= _HALF_S):
            yield from super().tick()

    # -- keys

    def _read_keys(self, data: str) -> Reading:
        seen = self._half + data
        place = seen.find(START)
        if place < 0:
            self._half = begun(seen, START)
            yield from self._keys(data)
            return ""
        end = place + len(START) - len(self._half)
        self._half = ""
        yield from self._keys(data[:end])
        self._state = "paste"
        return data[end:]

    def _keys(self, data: str) -> Iterator[Message]:
        for character in data:
            try:
                yield from (event for event in super().feed(character) if not isinstance(event, events.Paste))
            except (ValueError, OverflowError):  # a key with a number that no character has
                self._gen = self.parse(self._tokens.append)
                self._awaiting = next(self._gen)

    # -- a paste

    def _read_paste(self, data: str) -> Reading:
        seen = self._half + data
        place = seen.find(END)
        if place < 0:
            self._half = begun(seen, END)
            self._keep(seen.removesuffix(self._half) if self._half else seen)
            return ""
        self._half = ""
        self._keep(seen[:place])
        yield self._taken()
        self._state = "behind"
        return seen[place + len(END) :]

    def _read_behind(self, data: str) -> Reading:
        """Look at what follows the end mark at once: another paste, more of this one, or keys."""
        self._held += data
        start, end = self._held.find(START), self._held.find(END)
        if start == 0:
            rest, self._held = self._held[len(START) :], ""
            self._state = "paste"
            return rest
        if start > 0 or end >= 0:
            self._keep(END)
            rest, self._held = self._held, ""
            self._state = "paste"
            return rest
        if len(self._held) > _MOST_HELD:
            held, self._held = self._held, ""
            yield from self._over(held)
        return ""

    def _keep(self, text: str) -> None:
        self._length += len(text)
        if self._kept < LONGEST_PASTE:
            self._parts.append(text[: LONGEST_PASTE - self._kept])
            self._kept += len(self._parts[-1])

    def _taken(self) -> Paste:
        text, length = "".join(self._parts), self._length
        self._parts, self._kept, self._length = [], 0, 0
        return Paste(sanitise(text.replace("\r\n", "\n").replace("\r", "\n")), length)

    def _over(self, held: str) -> Iterator[Message]:
        """Go back to keys, beginning with what was held."""
        self._state = "keys"
        yield from self._keys(END)
        while held:
            held = yield from self._read_keys(held)


def _is_typed(data: str) -> bool:
    """Say whether a piece of input is what one key sends."""
    return len(data) == 1 or (data[0] == "\x1b" and len(data) <= _LONGEST_KEY and END not in data)


class DeskDriver(LinuxDriver):
    """Textual's driver, with a reader of its own: no byte that comes in ends the program, and a terminal that is gone is noticed."""

    def run_input_thread(self) -> None:
        """Read the terminal until the console ends, or the terminal is gone."""
        parser = DeskParser()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.02 if parser.is_waiting else 0.1):
                    try:
                        data = os.read(self.fileno, 65536)
                    except OSError:
                        data = b""
                    if not data:
                        self.send_message(TerminalGone())
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        for event in parser.feed(""):
            self.process_message(event)

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it
            self._app.call_later(self._app._handle_exception, error)
