"""What a defect leaves: one sentence for the person, and a report in a file of their own for whoever mends it.

The report says where it happened and in which versions. It holds no values of variables, no parameters of statements and no passwords:
people send it to others.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.i18n import _
from data.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_PASSWORD = re.compile(r"(://[^\s:/]*):\S*@")
_PASSWORD_OPTION = re.compile(r"(?i)(password=)[^&\s'\"]*")
_TYPED_PASSWORD = re.compile(r"(://[^:/]*):.*@", re.DOTALL)
_PARAMETERS = re.compile(r"^\[parameters: .*?\]$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Crash:
    """How a console ended by a defect.

    Args:
        what: the kind of the error.
        path: where the report is.
        kept: whether what was being written is kept; False where that failed too.
    """

    what: str
    path: Path
    kept: bool

    @classmethod
    def of(cls, error: BaseException, keep_drafts: Callable[[], None]) -> Crash:
        """Keep what is written, then the report; no further defect stops either."""
        while isinstance(inner := getattr(error, "error", None), BaseException):
            error = inner  # Textual wraps what happens in its workers
        kept = True
        try:
            keep_drafts()
        except Exception:  # noqa: BLE001 - whatever it was that is broken
            kept = False
        return cls(type(error).__name__, report(error, sys.argv[1:]), kept)

    def told(self) -> str:
        """Return what the person reads once the terminal is theirs again, a line."""
        words = (
            _("The console failed ({what}) and closed. What you were writing is kept as a draft. Report it with {path}")
            if self.kept
            else _("The console failed ({what}) and closed. Your last words may not be kept. Report it with {path}")
        )
        return sanitise(words.format(what=self.what, path=self.path), line=True) + "\n"


def report(error: BaseException, argv: Sequence[str]) -> Path:
    """Write down in a file where an error that nobody foresaw happened, and return its path; only this account can read it."""
    import tempfile
    from pathlib import Path

    import platformdirs

    name = f"deskline-{type(error).__name__}.log"
    text = _story(error, argv)
    for usual in (True, False):
        try:
            folder = (
                platformdirs.user_log_path("deskline", appauthor=False)
                if usual
                else Path(tempfile.mkdtemp(prefix="deskline-"))
            )
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = folder / name
            path.unlink(missing_ok=True)  # an older one may be open to others, or lead elsewhere
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with open(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError:
            continue
        return path
    return Path(os.devnull)


def _story(error: BaseException, argv: Sequence[str]) -> str:
    typed = " ".join(repr(_PASSWORD_OPTION.sub(r"\1***", _TYPED_PASSWORD.sub(r"\1:***@", word))) for word in argv)
    told = "".join(traceback.format_exception(error))
    told = _PARAMETERS.sub("[parameters left out]", told)
    told = _PASSWORD_OPTION.sub(r"\1***", _PASSWORD.sub(r"\1:***@", told))
    return f"deskline {typed}\n{_versions()}\n\n{told}"


def _versions() -> str:
    from importlib.metadata import PackageNotFoundError, version

    found = [f"Python {sys.version.split()[0]}", sys.platform, f"TERM={os.environ.get('TERM', '')!r}"]
    for package in ("deskline", "textual", "sqlalchemy"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
