"""Opening the console: whose it is, how it looks, and that the desk can be opened, before the screen is taken.

Imports neither typer nor SQLAlchemy, so that the first paint comes as soon as Textual can give it; what is wrong is said on the plain
terminal.
"""

from __future__ import annotations

import locale
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

from console.i18n import _
from console.keys import SUPERVISE, WORK, keys_file, read_keys
from data import queries
from data.errors import DeskError, NotFound, Unavailable, WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS = {
    "desk": "text",
    "as": "text",
    "theme": "text",
    "signs": "text",
    "work": "number",
    "no-mouse": "flag",
    "undo": "number",
}
"""The options of `console` and `supervise`, by what they take."""
_MOST_NAMES = 12


def plainly(argv: list[str]) -> int | None:
    """Open the console for a plain command line and return the exit code, or None where the command tree has to explain."""
    from console.fast import NotPlain, parse

    screen = SUPERVISE if argv[:1] == ["supervise"] else WORK
    try:
        options = parse(argv[1:], OPTIONS, None)
    except NotPlain:
        return None
    try:
        return run(screen, options)
    except DeskError:
        return None  # the command tree meets the same again, and says it


def run(screen: str, options: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> int:
    """Open the console and return its exit code.

    Raises:
        DeskError: there is no terminal, no desk, no such agent, or the user's keys are wrong.
    """
    from console.place import desk_place

    where = desk_place(options.get("desk"))
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise WrongUsage(reason=_("The console needs a terminal. In a pipe or a script use: deskline case list --json"))
    if environ.get("TERM") == "dumb":
        raise WrongUsage(reason=_("This terminal (TERM=dumb) cannot show screens. Use: deskline case list"))
    agent = whose(where, options.get("as") or environ.get("DESKLINE_AS"), environ)
    app = built(screen, where, agent, options, environ)
    return opened(app, mouse=not options.get("no-mouse"))


def opened(app: Any, *, mouse: bool) -> int:
    """Run the application and return its exit code; what ended it by a defect is told once the terminal is given back."""
    try:
        code = app.run(mouse=mouse)
    finally:
        if app.engine is not None:
            app.engine.stop()
    if app.crash is not None:
        sys.stderr.write(app.crash.told())
        return 1
    return app.return_code or code or 0


def built(screen: str, where: str, agent: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    """Return the application, ready to run.

    Raises:
        WrongUsage: a theme that does not exist, or a user's keys that are wrong.
    """
    # What follows is read before the application is made: Textual takes NO_COLOR out of the environment.
    from console.theme import PALETTES, pick

    try:
        palette = pick(options.get("theme") or environ.get("DESKLINE_THEME"), environ)
    except KeyError as error:
        raise WrongUsage(
            reason=_("There is no theme {name}. Known are {known}.").format(
                name=error.args[0], known=", ".join(PALETTES)
            )
        ) from None
    keys = read_keys(keys_file(environ))
    if "TEXTUAL_ANIMATIONS" not in os.environ:
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
    from console.app import DeskApp
    from console.drafts import DraftStore
    from console.engine_child import EngineChild

    undo = options.get("undo")
    return DeskApp(
        where,
        agent,
        first=screen,
        palette=palette,
        ascii_signs=ascii_signs(options.get("signs"), environ),
        keys=keys,
        drafts=DraftStore.of(where, agent, environ),
        editor=not restricted(environ),
        undo_s=5 if undo is None else min(60, undo),
        open_work=options.get("work"),
        engine=EngineChild(where),
    )


def restricted(environ: Mapping[str, str]) -> bool:
    """Say whether this console runs for a key that may run nothing else: no editor, no file, no other program then."""
    return bool(environ.get("SSH_ORIGINAL_COMMAND") or environ.get("DESKLINE_RESTRICTED"))


def ascii_signs(chosen: str | None, environ: Mapping[str, str]) -> bool:
    """Say whether only ASCII signs are to be shown: chosen so, or where the locale is not UTF-8."""
    wanted = chosen or environ.get("DESKLINE_SIGNS", "")
    if wanted:
        return wanted == "ascii"
    try:
        locale.setlocale(locale.LC_CTYPE, "")
        return "utf" not in locale.nl_langinfo(locale.CODESET).lower()
    except locale.Error:
        return True


def whose(where: str, agent: str | None, environ: Mapping[str, str]) -> str:
    """Return the agent whose console it is: the one named, else the one with the name of the account.

    Raises:
        Unavailable: the desk cannot be opened.
        NotFound: there is no such agent.
        WrongUsage: nobody is named, and the account's name is no agent's.
    """
    names = _agents(where)
    if agent is not None:
        if agent not in names:
            raise NotFound(what=_("agent"), which=f'"{agent}"')
        return agent
    account = environ.get("USER", "")
    if account in names:
        return account
    shown = ", ".join(sorted(names)[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
    raise WrongUsage(
        reason=_("Say whose console it is: --as NAME, or DESKLINE_AS. Agents of this desk: {names}.").format(
            names=shown or _("none yet")
        )
    )


def _agents(where: str) -> set[str]:
    if "://" in where:
        from data.desk import Desk

        with Desk.open(where, name="a console") as desk, desk.reading() as connection:
            return {row[0] for row in connection.exec_driver_sql("select name from agents where active = 1")}
    try:
        quoted = where.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        reader = sqlite3.connect(f"file:{quoted}?mode=ro", uri=True, timeout=2.0)
        try:
            version = reader.execute("select version_num from alembic_version").fetchone()
            if version is None or version[0] != queries.SCHEMA:
                raise sqlite3.DatabaseError("another version")
            return {row[0] for row in reader.execute("select name from agents where active = 1")}
        finally:
            reader.close()
    except sqlite3.Error as error:
        from data.desk import Desk

        Desk.open(where, name="a console").close()  # it says what is wrong, and what to do
        raise Unavailable(reason=f"The desk {where} cannot be read ({error}).") from error
