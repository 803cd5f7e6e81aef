"""What an agent is writing, kept on this computer so that a crash, a hang-up or a lost desk costs at most a second of typing.

One file a case, written anew beside the old one and put in its place: there is always a whole one. What is on its way out has a file of
its own, named after the process that sends it, so that one can write on meanwhile.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["reply", "note"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being written on a case.

    Args:
        kind: an answer to the customer, or a note for colleagues.
        at: when it was last kept, in microseconds.
        send_at: when it goes out by itself, in microseconds; None while it is being written.
        then: the status that the case is to have afterwards, where the agent chose one.
    """

    case: int
    kind: Kind
    text: str
    cursor: tuple[int, int] = (0, 0)
    at: int = 0
    send_at: int | None = None
    then: str | None = None


class DraftStore:
    """The drafts of one agent on one desk, in a folder that only this account can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._turns: dict[int, int] = {}

    @classmethod
    def of(cls, desk: str, agent: str, environ: Mapping[str, str]) -> DraftStore:
        """Return the drafts of an agent on a desk, in the user's folder for state."""
        base = environ.get("XDG_STATE_HOME", "").strip() or os.path.expanduser("~/.local/state")
        place = desk if "://" in desk else os.path.abspath(desk)
        name = hashlib.sha256(f"{place}\0{agent}".encode()).hexdigest()[:24]
        return cls(Path(base) / "deskline" / "drafts" / name)

    def turn(self, case: int) -> int:
        """Return a number for what a thread is about to keep; whatever is kept or dropped on the case after this makes it void."""
        self._turns[case] = self._turns.get(case, 0) + 1
        return self._turns[case]

    def keep(self, draft: Draft, turn: int | None = None) -> None:
        """Write a draft down, whole or not at all.

        Args:
            turn: from `turn`; a draft whose turn is void is not written over what came later.

        Raises:
            OSError: it cannot be written.
        """
        turn = self.turn(draft.case) if turn is None else turn
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(draft)
        beside = path.with_suffix(f".{os.getpid()}.new")
        with self._lock:
            if draft.send_at is None and turn != self._turns.get(draft.case):
                return
            try:
                with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
                    json.dump(asdict(draft), file)  # in ASCII escapes: half a surrogate pair is kept too
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(beside, path)
            except OSError:
                with contextlib.suppress(OSError):
                    beside.unlink()
                raise

    def load(self, case: int) -> Draft | None:
        """Return the draft on a case; one that cannot be read is left where it is, and counts as none."""
        return _read(self.folder / f"{case}.json")

    def left_behind(self, case: int) -> list[Draft]:
        """Return what was on its way out on a case when the console that sent it died, oldest first."""
        found = []
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.glob(f"{case}-*.json")):
                process = path.stem.rpartition("-")[2]
                if process.isdigit() and not is_alive(int(process)) and (draft := _read(path)) is not None:
                    found.append(draft)
        return found

    def drop(self, case: int) -> None:
        """Forget the draft on a case."""
        self.turn(case)
        with self._lock, contextlib.suppress(FileNotFoundError):
            (self.folder / f"{case}.json").unlink()

    def drop_sent(self, draft: Draft) -> None:
        """Forget what was on its way out, whichever console sent it."""
        with self._lock, contextlib.suppress(OSError):
            for path in self.folder.glob(f"{draft.case}-{draft.at}-*.json"):
                path.unlink()

    def all(self) -> list[Draft]:
        """Return every draft that is being written, by case."""
        found = []
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.glob("*.json")):
                if path.stem.isdigit() and (draft := self.load(int(path.stem))) is not None:
                    found.append(draft)
        return found

    def _path(self, draft: Draft) -> Path:
        if draft.send_at is None:
            return self.folder / f"{draft.case}.json"
        return self.folder / f"{draft.case}-{draft.at}-{os.getpid()}.json"


def _read(path: Path) -> Draft | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["cursor"] = tuple(found["cursor"])
        return Draft(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_alive(process: int) -> bool:
    """Say whether a process of this computer runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
