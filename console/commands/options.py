"""What the commands have in common: their options, the desk that they open and who acts.

Nothing here imports the desk at the top, so that `--help` and wrong usage answer at once.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from console import completing
from console.i18n import _
from console.place import desk_place
from console.render import CSV, JSON, TEXT, Listing, Sheet, deliver, say

if TYPE_CHECKING:
    from data.actor import Actor
    from data.desk import Desk
    from data.transaction import Tx

F = TypeVar("F", bound=Callable[..., Any])
LONGEST_TEXT = 10_000_000
_DURATION = re.compile(r"(?:(\d{1,7})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,8})s)?", re.ASCII)


def number(text: str) -> int:
    """Return a number as people write it: `412` or `#412`."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise typer.BadParameter(_("expected a number such as 412 or #412, got {text}").format(text=repr(text)))
    return int(digits)


def seconds(text: str) -> int:
    """Return a duration such as `90s`, `5m`, `2h`, `1d` or `1h30m` in seconds."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise typer.BadParameter(
            _("expected a duration such as 90s, 5m, 1h30m or 1d, got {text}").format(text=repr(text))
        )
    return sum(int(part or 0) * unit for part, unit in zip(found.groups(), (86400, 3600, 60, 1), strict=True))


DeskOption = Annotated[
    str | None,
    typer.Option(
        "--desk", metavar="PLACE", help=_("A desk's file or postgresql:// URL; else DESKLINE_DESK, else your own desk.")
    ),
]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="NAME",
        envvar="DESKLINE_AS",
        help=_("Act as this agent; else as the local admin."),
        autocompletion=completing.agents,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Write JSON."))]
CsvOption = Annotated[bool, typer.Option("--csv", help=_("Write CSV."))]
LimitOption = Annotated[int, typer.Option("--limit", help=_("How many at most."))]
Number = Annotated[int, typer.Argument(parser=number, metavar="NUMBER")]
TextOption = Annotated[
    str | None, typer.Option("--text", help=_("The text; else --file, else what comes in on stdin."))
]
FileOption = Annotated[Path | None, typer.Option("--file", help=_("Take the text from a file; - is stdin."))]


class WholeSentences(TyperGroup):
    """A group whose help tells of each command in a whole sentence, on as many lines as that takes."""

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the names of the commands, each with the first sentence of its help."""
        found = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, " ".join(text.split("\n\n")[0].split())) for name, text in found])


def noun(help_text: str) -> typer.Typer:
    """Make the group of a noun's commands."""
    app = typer.Typer(
        cls=WholeSentences,
        help=help_text,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(lambda: None)  # a group stays one, also with a single command
    return app


def command(app: typer.Typer, name: str, example: str, *, cls: type[TyperCommand] | None = None) -> Callable[[F], F]:
    """Register a command: its docstring is its help, and it has one example.

    Args:
        cls: how it reads its arguments, where that is not as usual.
    """

    def register(function: F) -> F:
        text = _(inspect.cleandoc(function.__doc__ or ""))
        # The backspace keeps the help's formatter from folding the example into a paragraph.
        epilog = "\b\n{head}\n  {example}".format(head=_("Example:"), example=example)
        settings = {"help_option_names": ["-h", "--help"]}
        app.command(name, cls=cls, help=text, epilog=epilog, context_settings=settings)(function)
        return function

    return register


# -- the desk, and who acts


@contextmanager
def opened(place: str | None, what: str = "a command", who: str | None = None) -> Iterator[Desk]:
    """Open the desk that a command is about.

    Args:
        place: the value of `--desk`.
        what: the command, for those who wait while it holds the desk.
        who: the value of `--as`, where a command only reads: whoever acts finds out by `actor_of`.

    Raises:
        UnknownActor: there is no such agent.
    """
    from data.desk import Desk

    with Desk.open(desk_place(place), name=f"deskline {what}") as desk:
        if who is not None:
            actor_of(desk, who)
        yield desk


def actor_of(desk: Desk, name: str | None) -> Actor:
    """Return who acts: the agent named, with the role configured, else the local admin.

    Raises:
        UnknownActor: there is no such agent.
    """
    from core.errors import UnknownActor
    from data import queries
    from data.actor import LOCAL_ADMIN, Actor

    if name is None:
        return LOCAL_ADMIN
    with desk.reading() as connection:
        rows = queries.fetch_over(connection)(queries.ACTOR, {"agent": name})
    if not rows:
        raise UnknownActor(which=f'"{name}"')
    return Actor("agent", rows[0]["role"], rows[0]["id"], rows[0]["name"])


def act(place: str | None, as_: str | None, what: str, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run one action on a desk and return its result."""
    with opened(place, what) as desk:
        return desk.run(actor_of(desk, as_), action, *args, **kwargs)


@contextmanager
def looking(desk: Desk) -> Iterator[Tx]:
    """Give the rules a transaction that only reads."""
    from data.actor import LOCAL_ADMIN
    from data.transaction import Tx

    with desk.reading() as connection:
        yield Tx(connection, desk.storage.allocator(), LOCAL_ADMIN, desk.clock())


def form_of(json: bool, csv: bool = False) -> str:
    """Return how a result is to be written."""
    if json and csv:
        raise typer.BadParameter(_("--json and --csv exclude each other."))
    return JSON if json else CSV if csv else TEXT


def show(
    place: str | None, form: str, read: Callable[..., Listing | Sheet], /, *, who: str | None = None, **options: Any
) -> int:
    """Answer a read on the full path, for whom `--as` names."""
    from data.queries import fetch_over

    with opened(place, who=who) as desk, desk.reading() as connection:
        view = read(fetch_over(connection), **options)
    return deliver(view, form)


def done(item: dict[str, Any], json: bool, words: str) -> int:
    """Say what was done: as an object for programs, in words for people."""
    return deliver(Sheet(item, []), JSON) if json else say("", words)


# -- text that is handed in


def filled(text: str, what: str) -> str:
    """Return a text that a command is given.

    Args:
        what: the option that it came by, for the refusal.

    Raises:
        WrongUsage: it is empty.
    """
    from core.errors import WrongUsage

    if not text.strip():
        raise WrongUsage(reason=_("{what} is empty; say something there.").format(what=what))
    return text


def piped_in() -> bool:
    """Say whether something was handed in on stdin: a pipe or a file, not a terminal and not nothing."""
    import os
    import stat

    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def text_of(text: str | None, file: Path | None) -> str:
    """Return the text that a command is given: by option, from a file, or from stdin.

    Raises:
        WrongUsage: two texts are given, the file is missing, or what comes is no text.
    """
    from core.errors import WrongUsage

    if text is not None and file is not None:
        raise WrongUsage(reason=_("Give either --text or --file."))
    if text is not None:
        return text
    if file is not None and str(file) != "-":
        return read_file(file)
    if sys.stdin.isatty():
        typer.echo(_("Write the text; ctrl+d on an empty line ends it, ctrl+c gives up."), err=True)
    return decoded(sys.stdin.buffer.read(LONGEST_TEXT + 1), "stdin")


def read_file(file: Path) -> str:
    """Return the text of a file.

    Raises:
        WrongUsage: it cannot be read, or is no UTF-8 text.
    """
    return decoded(read_bytes(file), str(file))


def read_bytes(file: Path) -> bytes:
    """Return the content of a file, `-` for stdin.

    Raises:
        WrongUsage: it cannot be read.
    """
    from core.errors import WrongUsage

    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise WrongUsage(reason=_("There is no file {path}.").format(path=file)) from None
    except OSError as error:
        raise WrongUsage(reason=_("{path} cannot be read: {why}").format(path=file, why=error.strerror)) from error


def decoded(raw: bytes, source: str) -> str:
    """Return bytes as text.

    Raises:
        WrongUsage: they are no UTF-8, or far too many.
    """
    from core.errors import WrongUsage

    if len(raw) > LONGEST_TEXT:
        raise WrongUsage(reason=_("{source} is longer than {n} bytes.").format(source=source, n=LONGEST_TEXT))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUsage(
            reason=_("{source} is no UTF-8 text (byte {n}).").format(source=source, n=error.start + 1)
        ) from error
