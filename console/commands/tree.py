"""The tree of commands by name, each imported when it is invoked, and the one place where an error becomes an exit code.

A new noun is a line in `TABLE`: the module and what to take from it.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

import typer
import typer.main
from typer.exceptions import TyperException

from console import logs, render
from console.commands.options import WholeSentences
from console.i18n import _, message_of

TABLE: dict[str, tuple[str, str | None]] = {
    "init": ("console.commands.setup", "init"),
    "apply": ("console.commands.setup", "apply"),
    "plan": ("console.commands.setup", "plan"),
    "export": ("console.commands.setup", "export"),
    "case": ("console.commands.case", None),
    "work": ("console.commands.work", None),
    "queue": ("console.commands.queue", None),
    "agent": ("console.commands.agent", None),
    "calendar": ("console.commands.calendar", None),
    "condition": ("console.commands.condition", None),
    "template": ("console.commands.template", None),
    "action": ("console.commands.action", None),
    "webhook": ("console.commands.webhook", None),
    "presence": ("console.commands.presence", None),
    "badge": ("console.commands.badge", "badge"),
    "mail": ("console.commands.mail", None),
    "journal": ("console.commands.journal", None),
    "doctor": ("console.commands.doctor", "doctor"),
    "verify": ("console.commands.upkeep", "verify"),
    "backup": ("console.commands.upkeep", "backup"),
    "upgrade": ("console.commands.upkeep", "upgrade"),
    "engine": ("console.commands.engine", None),
    "console": ("console.commands.console", "console"),
    "supervise": ("console.commands.console", "supervise"),
    "demo": ("console.commands.demo", "demo"),
}
"""Command, and where it is: the group `app` of a module, or one command out of it."""
INTERRUPTED = 130
_NOWHERE = logging.NullHandler()


class Commands(MutableMapping[str, Any]):
    """The commands by name, imported at the first look at each."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            module, part = TABLE[name]
            group: Any = typer.main.get_command(importlib.import_module(module).app)
            self._loaded[name] = group if part is None else group.commands[part]
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        raise TypeError("the command tree is fixed")

    def __iter__(self) -> Iterator[str]:
        return iter(TABLE)

    def __len__(self) -> int:
        return len(TABLE)


class LazyGroup(WholeSentences):
    """The root: it knows the names of its commands without importing them."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = Commands()


def root() -> Any:
    """Return the whole tree."""
    app = typer.Typer(
        cls=LazyGroup,
        name="deskline",
        help=_("A service desk that lives in the terminal."),
        epilog=_("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 desk unavailable."),
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )

    @app.callback()
    def deskline(
        version: bool = typer.Option(
            False, "--version", is_eager=True, callback=_version, help=_("Say which version this is.")
        ),
    ) -> None: ...

    return typer.main.get_command(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        render.say(f"deskline {version('deskline')}\n")
        raise typer.Exit


def run(argv: Sequence[str]) -> int:
    """Run a command line and return its exit code; whatever goes wrong is told in words on stderr."""
    from data.errors import DeskError

    logs.guard()
    # How long a command held the desk is for the engine's log; with a handler of its own, Python does not write it to stderr.
    logging.getLogger("deskline.data").addHandler(_NOWHERE)
    try:
        return int(root().main(args=list(argv), prog_name="deskline", standalone_mode=False) or 0)
    except DeskError as error:
        if _was_interrupted(error):
            return INTERRUPTED
        render.say("", render.clean_lines(message_of(error)))
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        render.hush(sys.stdout)
        return 0
    except TyperException as error:
        shown = getattr(error, "show", None)
        if shown is not None:
            shown()
        else:
            render.say("", render.clean_lines(str(error)))
        return error.exit_code
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:  # noqa: BLE001 - the last resort
        if _was_interrupted(error):
            return INTERRUPTED
        render.say("", defect(error, argv))
        return 1


def _was_interrupted(error: BaseException) -> bool:
    """Say whether an error is what an interrupt led to: a driver that is stopped in the middle says that its connection is lost."""
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, KeyboardInterrupt):
            return True
        each = each.__cause__ or each.__context__
    return False


def defect(error: Exception, argv: Sequence[str]) -> str:
    """Keep a report of an error that nobody foresaw, and return the line that a person reads."""
    from console.crash import report

    return _(
        "deskline failed ({what}); what was not finished was not kept. Run deskline doctor, and report it with {path}"
    ).format(what=type(error).__name__, path=report(error, argv))
