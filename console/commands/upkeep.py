"""`deskline verify`, `backup` and `upgrade`: is the desk whole, a copy of it that is, and the schema of this version."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import DeskOption, JsonOption, command, noun, opened
from console.i18n import _, ngettext
from console.render import Sheet, clean, deliver, say
from console.words import size

app = noun("")
_PAGES = 1000


@command(app, "verify", "deskline verify --json")
def verify(
    deep: Annotated[
        bool, typer.Option("--deep", help=_("Also read every file that is kept, and compare its digest."))
    ] = False,
    desk: DeskOption = None,
    json: JsonOption = False,
) -> int:
    """Check that everything in the desk holds together; exit code 1 if something does not."""
    from core.verify import verify as look

    with opened(desk, "verify") as place, place.reading() as connection:
        findings = look(connection, deep=deep)
    if json:
        found = [{"rule": each.rule, "detail": each.detail} for each in findings]
        code = deliver(Sheet({"findings": found}, []), "json")
    else:
        words = (
            ngettext("{n} finding.", "{n} findings.", len(findings)).format(n=len(findings))
            if findings
            else _("✓ All is well.")
        )
        code = say("".join(f"! {clean(each.rule)}: {clean(each.detail)}\n" for each in findings), words)
    return 1 if findings else code


@command(app, "backup", "deskline backup desk-backup.db")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help=_("Replace the file if there is one."))] = False,
    desk: DeskOption = None,
    json: JsonOption = False,
) -> int:
    """Copy the desk to a file while it is in use. The copy is whole or not there."""
    from core.errors import Refused, WrongUsage
    from data.desk import Desk
    from data.sqlite import SqliteStorage

    with opened(desk, "backup") as place:
        assert isinstance(place, Desk)
        if not isinstance(place.storage, SqliteStorage):
            raise WrongUsage(reason=_("This desk is in PostgreSQL: back it up with pg_dump."))
        source = place.storage.path
        if file.exists() and (not force or file.is_dir() or file.samefile(source)):
            raise Refused(reason=_("{file} is there already. It was left as it is.").format(file=file))
        if not file.absolute().parent.is_dir():
            raise WrongUsage(reason=_("There is no folder {folder}.").format(folder=file.absolute().parent))
        try:
            copy(source, file)
        except (OSError, sqlite3.Error) as error:
            raise Refused(reason=_("{file} was not written: {why}").format(file=file, why=error)) from error
    count = file.stat().st_size
    if json:
        return deliver(Sheet({"file": str(file), "size": count}, []), "json")
    return say("", _("Backed up to {file}, {size}.").format(file=clean(str(file)), size=size(count)))


@command(app, "upgrade", "deskline upgrade --desk /srv/desk/desk.db")
def upgrade(desk: DeskOption = None, json: JsonOption = False) -> int:
    """Bring a desk of an older version to this one, all of it or nothing. Make a backup before."""
    from console.place import desk_place
    from data.upgrade import upgrade as bring_up

    found, now = bring_up(desk_place(desk))
    if json:
        return deliver(Sheet({"found": found, "now": now}, []), "json")
    if found == now:
        return say("", _("The desk has the schema of this version already ({version}).").format(version=now))
    return say("", _("The desk was brought from schema {found} to {now}.").format(found=found, now=now))


def copy(source: Path, target: Path) -> None:
    """Copy a database in use: to a file beside the target, which takes its name when all is on the disk."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    watched = sys.stderr.isatty()

    def progress(_status: int, left: int, total: int) -> None:
        if watched and total:
            sys.stderr.write("\r" + _("{n} % copied").format(n=100 * (total - left) // total))
            sys.stderr.flush()

    try:
        reading = sqlite3.connect(
            f"file:{str(source).replace('%', '%25').replace('?', '%3f').replace('#', '%23')}?mode=ro", uri=True
        )
        writing = sqlite3.connect(beside)
        try:
            reading.backup(writing, pages=_PAGES, progress=progress, sleep=0.01)
            writing.execute(
                "pragma journal_mode = delete"
            )  # one file, whole in itself; the desk is in WAL again once opened
        finally:
            writing.close()
            reading.close()
            if watched:
                sys.stderr.write("\r\x1b[K")
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(target.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
