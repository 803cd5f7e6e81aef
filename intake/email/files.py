"""Mail in files: single mails, mbox files, Maildirs and folders of them, as bytes and in a steady order."""

from __future__ import annotations

import mailbox
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import NotFound


def mails_in(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield each mail with where it stands, such as `old.mbox:3`.

    Raises:
        NotFound: there is no such file or folder; what was yielded before stays valid.
    """
    for path in paths:
        if path.is_dir():
            yield from _in_folder(path)
        elif path.is_file():
            yield from _in_file(path)
        else:
            raise NotFound(what="file or folder", which=str(path))


def _in_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    if (path / "new").is_dir() and (path / "cur").is_dir():
        files = sorted((*(path / "new").iterdir(), *(path / "cur").iterdir()), key=lambda each: each.name)
    else:
        files = sorted(each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
    for each in files:
        if not _is_database(each):
            yield from _in_file(each)


def _is_database(path: Path) -> bool:
    """Say whether a file is a database, or belongs to one: a desk that lies in the folder is no mail."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0" or path.name.endswith(("-wal", "-shm", "-writer"))


def _in_file(path: Path) -> Iterator[tuple[str, bytes]]:
    with path.open("rb") as file:
        many = path.suffix == ".mbox" or (file.read(5) == b"From " and file.read().count(b"\n\nFrom ") > 0)
    if not many:
        yield str(path), path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), 1):
            yield f"{path}:{number}", box.get_bytes(key)
    finally:
        box.close()
