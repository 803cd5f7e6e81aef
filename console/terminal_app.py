"""What the terminal does to the console: keys and pastes in their order, a cut line, a signal, and the end by a defect."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.widgets import Input, TextArea

from console.held_keys import HeldKeys, Passed
from console.terminal_input import DeskDriver, TerminalGone

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.widget import Widget

    from console.crash import Crash


class TerminalApp(App[int], inherit_bindings=False):
    """An application that keeps what is written however it ends, and hands on what is typed to what it was typed for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.held_keys = HeldKeys(self, self._hand_on)
        self.crash: Crash | None = None
        """The defect that ended this console, if one did."""
        self._told_to_end = False

    @property
    def overlaid(self) -> bool:
        """Whether something lies over the screen and takes the letters."""
        raise NotImplementedError

    def keep_drafts(self) -> None:
        """Keep what is being written."""
        raise NotImplementedError

    async def leave(self, code: int = 0) -> None:
        """End in good order."""
        raise NotImplementedError

    def get_driver_class(self) -> type[Driver]:
        """Read the terminal by a reader of our own, where it would be Textual's usual one."""
        found = super().get_driver_class()
        return DeskDriver if found is LinuxDriver else found

    # -- what is typed

    async def on_event(self, event: events.Event) -> None:
        """Let what is typed and pasted wait for what the key before it opens."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            await self.held_keys.take(event)
        else:
            await super().on_event(event)

    async def _hand_on(self, event: events.Event) -> None:
        """Run a letter's command before the next key is looked at.

        Textual lets a key wander up from the widget first; what one types on at once after `r` would be lost on the way.
        """
        target = self.focused
        if isinstance(event, events.Key):
            if not self.app_focus:
                self.app_focus = True  # whoever types is there, whatever the terminal says
            if not isinstance(target, (Input, TextArea)) and await self._check_bindings(event.key):
                if target is not None:
                    self.held_keys.follow(target)  # what a list says of its cursor comes before the next key
                return
        await super().on_event(event)
        if target is not None and not _is_text(event, target):
            self.held_keys.follow(target)

    async def on_passed(self, event: Passed) -> None:
        """Go on with the keys that waited for one that wandered up."""
        event.stop()
        await self.held_keys.passed(event)

    # -- what ends it

    def catch_signals(self) -> None:
        """Keep the draft and give the terminal back when the line is cut or the console is told to stop; Textual does neither."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self._told_to_stop, number)
        with contextlib.suppress(ValueError, OSError):
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # a stopped console would hold its agent's work

    def on_terminal_gone(self, _event: TerminalGone) -> None:
        """End as for a cut line: not everybody between the terminal and the console passes the signal on."""
        self._told_to_stop(signal.SIGHUP)

    def _told_to_stop(self, number: int) -> None:
        writer = getattr(self._driver, "_writer_thread", None)
        if number == signal.SIGHUP and writer is not None:
            writer._queue.maxsize = (
                0  # it died with the terminal: once its queue is full, the next paint would wait for ever
            )
        if not self._told_to_end:
            self._told_to_end = True
            self.run_worker(self.leave(128 + number), group="leave")

    def _handle_exception(self, error: Exception) -> None:
        """End after a defect: keep what is written and a report; Textual would show what is in memory, customers' texts too."""
        if self._exception is None:
            from console.crash import Crash

            self.crash = Crash.of(error, self.keep_drafts)
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()


def _is_text(event: events.Event, target: Widget) -> bool:
    """Say whether a key can only become text where it goes: in a field that is empty it may choose something."""
    writes = isinstance(target, TextArea) or (isinstance(target, Input) and target.value)
    return bool(writes and isinstance(event, events.Key) and event.is_printable)
