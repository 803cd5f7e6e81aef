"""How a log line reaches the terminal: cleaned, since servers and mails put their words into it.

Whatever logs goes through `start`, and what logs before it, or without it, through `guard`.
"""

from __future__ import annotations

import logging

from data.text import sanitise


class CleanFormatter(logging.Formatter):
    """Writes a record with each control, escape and bidi character as U+FFFD; its message stays on one line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name that logging calls
        """Return the record's line, without the traceback that may follow."""
        return sanitise(super().formatMessage(record), line=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole record, with its traceback."""
        return sanitise(super().format(record))


def guard() -> None:
    """Clean what is logged by a command that set up no log of its own: Python writes its warnings to stderr."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(CleanFormatter("%(message)s"))


def start(*, verbose: bool) -> None:
    """Write the log to stderr, with time and origin: warnings, or each connection too."""
    handler = logging.StreamHandler()
    handler.setFormatter(CleanFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
