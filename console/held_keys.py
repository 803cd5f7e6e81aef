"""Keys that are typed on while what the key before them opens is not there yet: they wait for it, and no other screen gets them.

A key may set three things going: a command that reads the desk before it opens its overlay, a screen that is being laid out, and a key
that wanders up from a text field to the screen that has it as a command. Each is over in a moment, and none is waited for longer than
`PATIENCE_S`.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from console.terminal_app import TerminalApp

PATIENCE_S = 3.0
_LOOK_S = 0.01
_ROUNDS = 2
"""A key makes a field say something, which wanders up behind it: the second round comes after that."""


class Passed(Message, bubble=True):
    """Takes the same way as what was posted before it, and says that this has arrived.

    Args:
        screen: where it set out.
        rounds: how often it goes the way, this time included.
    """

    def __init__(self, screen: Screen[object], rounds: int) -> None:
        super().__init__()
        self.screen = screen
        self.rounds = rounds


class HeldKeys:
    """What was typed and pasted and is not handed on yet, oldest first.

    Args:
        hand_on: gives one event to whoever has the focus.
    """

    def __init__(self, app: TerminalApp, hand_on: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._events: deque[events.Event] = deque()
        self._since = 0.0
        self._looking = False
        self._under_way = 0
        self._running: object = None
        self._screen: Screen[object] | None = None
        """Where something is on its way up: once another screen is shown, it has done its work."""

    async def take(self, event: events.Event) -> None:
        """Hand an event on, now or when its time comes."""
        if not self._events:
            self._since = time.monotonic()
        self._events.append(event)
        await self.go_on()

    async def go_on(self) -> None:
        """Hand on what need not wait any more."""
        while self._events and not self._must_wait():
            event = self._events.popleft()
            self._since = time.monotonic()
            await self._hand_on(event)
        if self._events and not self._looking:
            self._looking = True
            self._app.set_timer(_LOOK_S, self._look)

    async def _look(self) -> None:
        self._looking = False
        if self._app.screen_stack:  # else the console has ended meanwhile
            await self.go_on()

    def _must_wait(self) -> bool:
        screen = self._app.screen
        if time.monotonic() - self._since >= PATIENCE_S:
            self._under_way, self._running = 0, None
            return False
        if screen is not self._screen:
            self._under_way = 0
        runs = self._running is not None and not self._app.overlaid  # what it has opened takes the keys
        return self._under_way > 0 or runs or not screen.is_mounted

    # -- what a key sets going

    def begin(self, command: object) -> None:
        """Wait for a command wherever it has nothing open, until it is over."""
        self._running = command

    def end(self, command: object) -> None:
        """Note that a command is over, once the application has done what the command left to it, such as moving the focus."""
        self._app.call_later(self._ended, command)

    async def _ended(self, command: object) -> None:
        if self._running is command:
            self._running = None
            await self.go_on()

    def follow(self, target: MessagePump, rounds: int = _ROUNDS) -> None:
        """Wait for what was just handed to a widget, or posted by it, until all that is above the widget has looked at it."""
        screen = self._app.screen
        self._under_way = self._under_way + 1 if screen is self._screen else 1
        self._screen = screen
        mark = Passed(screen, rounds)
        mark.set_sender(self._app)  # Textual takes a message no higher than to whoever sent it
        target.post_message(mark)

    async def passed(self, event: Passed) -> None:
        """Note that something has come to the top."""
        if event.screen is not self._screen or not self._under_way:
            return
        if event.rounds > 1 and self._app.screen is event.screen:
            self._under_way -= 1
            self.follow(self._app.focused or event.screen, event.rounds - 1)
            return
        self._under_way -= 1
        await self.go_on()
