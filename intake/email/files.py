"""Mail in files: single mails, mbox files, Maildirs and folders of them, as bytes and in a steady order."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import NotFound
from intake.email.headers import Fields, header_end
from intake.email.parse import unwrapped

NO_MAIL = "it is no mail: it does not begin with a mail's header"
_OF_MAIL = frozenset(
    b"from sender reply-to to cc bcc subject date message-id in-reply-to references received return-path delivered-to "
    b"x-original-to envelope-to mime-version content-type resent-from resent-to resent-date".split()
)
_BLANK = re.compile(rb"\n\r?\n")
_LONGEST_HEADER = 1_000_000


class Found(NamedTuple):
    """What stands in a file, and where, such as `old.mbox:3`: a mail, or why there is none."""

    source: str
    raw: bytes = b""
    problem: str = ""


def mails_in(paths: Iterable[Path]) -> Iterator[Found]:
    """Yield each mail, and each file that holds none or cannot be read, so that the others go on.

    What a Maildir or an mbox file holds is mail, however little of it is left; any other file must look like one.

    Raises:
        NotFound: there is no such file or folder; what was yielded before stays valid.
    """
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.is_file():
            yield from _readable(path)
        else:
            raise NotFound(what="file or folder", which=str(path))


def is_mail(raw: bytes) -> bool:
    """Say whether bytes begin with a mail's header: lines `name: value`, one of whose names only a mail has."""
    block = _BLANK.split(unwrapped(raw[:_LONGEST_HEADER]), 1)[0]
    return any(name in _OF_MAIL for name, _ in Fields(block[: header_end(block)]).pairs)


def _in_folder(path: Path) -> Iterator[Found]:
    maildir = (path / "new").is_dir() and (path / "cur").is_dir()
    if maildir:
        files = sorted((*(path / "new").iterdir(), *(path / "cur").iterdir()), key=lambda each: each.name)
    else:
        files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
    for each in files:
        if each.is_file() and not _is_database(each):
            yield from _readable(each, surely=maildir)


def _is_database(path: Path) -> bool:
    """Say whether a file is a database, or belongs to one: a desk that lies in the folder is no mail."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0" or path.name.endswith(("-wal", "-shm", "-writer"))
    except OSError:
        return False  # whoever reads it says why it cannot be read


def _readable(path: Path, *, surely: bool = False) -> Iterator[Found]:
    try:
        yield from _in_file(path, surely)
    except OSError as error:
        yield Found(str(path), problem=f"it cannot be read: {error.strerror}")


def _in_file(path: Path, surely: bool) -> Iterator[Found]:
    with path.open("rb") as file:
        begins = file.read(4096).lstrip()
        many = begins.startswith(b"From ") and (path.suffix == ".mbox" or b"\n\nFrom " in begins + file.read())
    if not many:
        if begins or path.suffix != ".mbox":  # an mbox file without mails is as good as any
            raw = path.read_bytes()
            yield Found(str(path), raw) if surely or is_mail(raw) else Found(str(path), problem=NO_MAIL)
        return
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            yield Found(f"{path}:{number}", box.get_bytes(key))
    finally:
        box.close()
