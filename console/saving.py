"""Writing an attachment or a draft into the user's folder, never over what is there, and never to where a name from outside points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from data.text import OutsideText, sanitise

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_NAME = 120
_MOST_TRIES = 1000
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|\ufffd', "_"))


def folder_for_files(environ: Mapping[str, str]) -> Path:
    """Return where files are saved: the user's folder for downloads, else the home folder."""
    named = environ.get("XDG_DOWNLOAD_DIR", "").strip()
    if named:
        return Path(named)
    home = Path(os.path.expanduser("~"))
    downloads = home / "Downloads"
    return downloads if downloads.is_dir() else home


def plain_name(name: OutsideText | str) -> str:
    """Return a name from outside as a file's name: no folder, no control character, not hidden, not too long."""
    text = sanitise(name, line=True).translate(_NOT_IN_NAMES).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = text, ""
    while len(stem.encode()) + len(ending) > _LONGEST_NAME:
        stem = stem[:-1]
    return (stem or "file") + (f".{ending}" if ending else "")


def save(folder: Path, name: OutsideText | str, content: bytes) -> Path:
    """Write a file that was not there before, under its name or the name with a number, and return where it is.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = plain_name(name)
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        stem, ending = plain, ""
    for number in range(1, _MOST_TRIES):
        path = folder / (f"{stem}-{number}{dot}{ending}" if number > 1 else plain)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        with open(descriptor, "wb") as file:
            file.write(content)
        return path
    raise FileExistsError(f"{folder} holds {_MOST_TRIES} files of that name")
