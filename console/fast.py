"""The thin path: a read that is plainly asked for, on a desk in a SQLite file, answered with sqlite3 alone.

Of what goes wrong it says only that something named is not there: whatever is not plain (an unknown option, a desk that is missing,
newer or busy) is left to the full path, which explains it. So it writes only once the whole answer is there.
"""

from __future__ import annotations

import sqlite3

from console import render
from console.place import desk_place
from data import queries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from data.queries import Query, Row

FLAG, TEXT, NUMBER = "flag", "text", "number"
READS = {
    ("case", "list"): {
        "status": TEXT,
        "all": FLAG,
        "owner": TEXT,
        "queue": TEXT,
        "channel": TEXT,
        "customer": TEXT,
        "where": TEXT,
        "view": TEXT,
        "before": TEXT,
        "limit": NUMBER,
        "csv": FLAG,
    },
    ("case", "show"): {"history": NUMBER, "all": FLAG},
    ("work", "list"): {"state": TEXT, "queue": TEXT, "agent": TEXT, "limit": NUMBER, "csv": FLAG},
    ("work", "show"): {},
    ("queue", "list"): {"csv": FLAG},
    ("queue", "show"): {},
    ("agent", "show"): {},
    ("agent", "list"): {"present": FLAG, "queue": TEXT, "csv": FLAG},
    ("action", "pending"): {"limit": NUMBER, "csv": FLAG},
    ("badge",): {},
}
"""The reads and their options; the full path has the same, which a test compares."""
COMMON = {"desk": TEXT, "as": TEXT, "json": FLAG}
ARGUMENTS: dict[tuple[str, ...], tuple[str, str]] = {
    ("case", "show"): ("number", NUMBER),
    ("work", "show"): ("number", NUMBER),
    ("queue", "show"): ("name", TEXT),
    ("agent", "show"): ("name", TEXT),
}
"""The one argument of a read, where it has one."""


class NotPlain(Exception):
    """The full path has to answer this."""


def answer(argv: Sequence[str]) -> int | None:
    """Answer a hot read and return the exit code, or None where the full path has to."""
    read: tuple[str, ...] = ("badge",) if argv[0] == "badge" else tuple(argv[:2])
    if read not in READS:
        return None
    try:
        options = parse(argv[len(read) :], {**READS[read], **COMMON}, argument=ARGUMENTS.get(read))
        form = "json" if options.pop("json", False) else "csv" if options.pop("csv", False) else "text"
        where = desk_place(options.pop("desk", None))
        who = options.pop("as", None)
        if who is None:
            import os

            who = os.environ.get("DESKLINE_AS") or None
        if read == ("badge",):
            options["as_"] = who
        view = _read(read, where, who, options)
        text = render.written(view, form, cells=render.room(form))
    except Exception as error:  # noqa: BLE001 - the full path meets the same again and explains it
        return _refused(error)
    return render.say(text, view.words if form == "text" else "")


def _refused(error: Exception) -> int | None:
    """Say that what was named is not there and return the exit code, or None where the full path has to explain."""
    from console.i18n import message_of
    from data.errors import NotFound

    if not isinstance(error, NotFound):
        return None
    render.say("", render.clean_lines(message_of(error)))
    return error.exit_code


def parse(argv: Sequence[str], known: Mapping[str, str], argument: tuple[str, str] | None) -> dict[str, Any]:
    """Return the options of a command line by name.

    Args:
        known: what each option takes.
        argument: the name of the one argument and what it is, if there is one.

    Raises:
        NotPlain: anything else stands there.
    """
    found: dict[str, Any] = {}
    words = iter(argv)
    for word in words:
        if word.startswith("--") and len(word) > 2:
            name, has_value, value = word[2:].partition("=")
            kind = known.get(name)
            if kind is None or (kind == FLAG and has_value):
                raise NotPlain
            if kind == FLAG:
                found[name] = True
                continue
            value = value if has_value else next(words, "-")
            if not has_value and value.startswith("-"):
                raise NotPlain
            found[name] = number(value) if kind == NUMBER else value
        elif argument is not None and argument[0] not in found and not word.startswith("-"):
            found[argument[0]] = number(word) if argument[1] == NUMBER else word
        else:
            raise NotPlain
    if argument is not None and argument[0] not in found:
        raise NotPlain
    return found


def number(text: str) -> int:
    """Return a number as people write it, `#412` too.

    Raises:
        NotPlain: it is none.
    """
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise NotPlain
    return int(digits)


def _read(read: tuple[str, ...], where: str, who: str | None, options: dict[str, Any]) -> render.Listing | render.Sheet:
    if "://" in where:
        raise NotPlain
    quoted = where.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, isolation_level=None, timeout=2.0)
    try:
        connection.execute("begin")
        found = connection.execute("pragma application_id").fetchone()[0]
        version = connection.execute("select version_num from alembic_version").fetchone()
        if found != queries.APPLICATION_ID or version is None or version[0] != queries.SCHEMA:
            raise NotPlain

        def fetch(query: Query, params: Mapping[str, object]) -> list[Row]:
            cursor = connection.execute(query.sql, params)
            return query.rows([column[0] for column in cursor.description], cursor)

        if who is not None and not fetch(queries.ACTOR, {"agent": who}):
            from core.errors import UnknownActor

            raise UnknownActor(which=f'"{who}"')
        view: render.Listing | render.Sheet = answer_of(read)(fetch, **options)
        return view
    finally:
        connection.close()


def answer_of(read: tuple[str, ...]) -> Any:
    """Return the function that answers a read; the modules that it needs are imported here."""
    name = "_".join(read)
    if read[0] == "case":
        from console import reads_cases

        return getattr(reads_cases, name)
    if read[0] == "work":
        from console import reads_work

        return getattr(reads_work, name)
    if read[0] == "action":
        from console import reads_actions

        return getattr(reads_actions, name)
    if read in (("queue", "show"), ("agent", "show")):
        from console import reads_people

        return getattr(reads_people, name)
    from console import reads

    return getattr(reads, name)
