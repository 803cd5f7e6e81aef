"""`deskline init`, `apply`, `plan` and `export`: a desk, and its configuration as a file."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from console.commands.changing import marked, meant, report, told
from console.commands.options import (
    AsOption,
    DeskOption,
    JsonOption,
    actor_of,
    command,
    decoded,
    looking,
    noun,
    opened,
    read_bytes,
)
from console.i18n import _, message_of, ngettext
from console.place import desk_place
from console.render import Sheet, clean, deliver, say

if TYPE_CHECKING:
    from core.actions.desk import Applied
    from core.config.document import Document
    from core.config.plan import Change
    from core.config.problems import Lines
    from data.transaction import Tx

app = noun("")
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("The configuration as YAML, - for stdin."))]
PruneOption = Annotated[bool, typer.Option("--prune", help=_("Remove what the file does not name."))]


@command(app, "init", "deskline init --name 'Ursa Major Solar'")
def init(
    name: Annotated[str | None, typer.Option("--name", help=_("What the desk is called."))] = None,
    desk: DeskOption = None,
    json: JsonOption = False,
) -> int:
    """Make a desk, with one channel, three statuses, one way to work and one to route."""
    from core.actions import desk as actions
    from core.config.starter import starter
    from data.actor import LOCAL_ADMIN
    from data.desk import Desk, DeskExists
    from data.errors import Refused, Unavailable

    wanted = starter()
    if name is not None:
        wanted = _named(wanted, name)
    place = desk_place(desk)
    if "://" not in place:
        folder = Path(place).absolute().parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                reason=_("{folder} cannot be made: {why}").format(folder=folder, why=error.strerror)
            ) from error
    try:
        with Desk.create(place, name="deskline init") as made:
            made.run(LOCAL_ADMIN, actions.apply, wanted)
    except DeskExists as error:
        raise Refused(reason=message_of(error)) from None
    if json:
        return deliver(Sheet({"desk": place}, []), "json")
    steps = (
        ("deskline agent add maya --name 'Maya Lind'", _("who works here")),
        ("deskline queue add support --member maya", _("where work waits")),
        ("deskline export > desk.yaml", _("the same as a file; change it, then: deskline apply desk.yaml")),
        ("deskline doctor", _("whether everything is well")),
    )
    own = "" if desk is None else _("\nGive --desk with each of these, or set DESKLINE_DESK.")
    longest = max(len(line) for line, _why in steps)
    return say(
        f"{clean(place)}\n",
        _("The desk is made. What comes next:\n{steps}").format(
            steps="\n".join(f"  {line.ljust(longest)}  {why}" for line, why in steps)
        )
        + own,
    )


def _named(wanted: Document, name: str) -> Document:
    """Return the document with another name, refused as a file with that name would be."""
    import yaml

    from core.config import reading

    read, _lines = reading.read(yaml.safe_dump({"desk": {"name": name}}, allow_unicode=True), "--name")
    return wanted.model_copy(update={"desk": read.desk})


def _read(tx: Tx, text: str, file: Path, prune: bool) -> tuple[Document, Lines]:
    from core.config import reading, stored
    from core.config.filled import unfit_kinds

    source = "stdin" if str(file) == "-" else str(file)
    return reading.read(text, source, stored.current(tx), prune, lambda wanted: unfit_kinds(tx, wanted))


class Planned(NamedTuple):
    """What applying a file would do: the changes, in words what they mean for what the desk holds, and the revision looked at."""

    wanted: Document
    lines: Lines
    changes: tuple[Change, ...]
    meanings: list[str]
    revision: int


def _planned(tx: Tx, text: str, file: Path, prune: bool) -> Planned:
    from core.config import stored
    from core.config.effects import effects
    from core.config.plan import steps

    wanted, lines = _read(tx, text, file, prune)
    changes = steps(stored.current(tx), wanted, prune)
    return Planned(wanted, lines, changes, meant(effects(tx, changes)), stored.revision(tx))


@command(app, "plan", "deskline plan desk.yaml --prune")
def plan(
    file: FileArgument,
    prune: PruneOption = False,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Check a configuration and show what applying it would change."""
    text = decoded(read_bytes(file), str(file))
    with opened(desk, "plan", as_) as place, looking(place) as tx:
        planned = _planned(tx, text, file, prune)
    lines = told(planned.changes, planned.wanted)
    if json:
        found = {"changes": lines, "effects": planned.meanings, "revision": planned.revision}
        return deliver(Sheet(found, []), "json")
    words = _("Plan made on revision {n}.") if lines else _("Nothing to change; revision {n}.")
    results = [*lines, *marked(planned.meanings)]
    return say("".join(f"{line}\n" for line in results), words.format(n=planned.revision))


def _at_a_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


@command(app, "apply", "deskline apply desk.yaml --revision 7")
def apply(
    file: FileArgument,
    prune: PruneOption = False,
    revision: Annotated[
        int | None, typer.Option("--revision", help=_("Refuse if the plan was made on another one."))
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Bring the configuration to what a file says, all of it or nothing. At a terminal it shows the plan and asks."""
    from core.actions import desk as actions

    text = decoded(read_bytes(file), str(file))
    with opened(desk, "apply") as place:
        actor = actor_of(place, as_)
        asks = not yes and not json and str(file) != "-" and _at_a_terminal()
        if asks:
            with looking(place) as tx:
                planned = _planned(tx, text, file, prune)
            if planned.changes and not _agreed(planned):
                say("", _("Nothing was changed."))
                return 1
            revision = planned.revision if revision is None else revision

        def change(tx: Tx) -> tuple[Applied, Planned]:
            planned = _planned(tx, text, file, prune)
            return actions.apply(tx, planned.wanted, prune=prune, lines=planned.lines, made_on=revision), planned

        applied, planned = place.run(actor, change)
    return report(applied, json, planned.wanted, () if asks else planned.meanings)


def _agreed(planned: Planned) -> bool:
    """Show a plan and ask whether to carry it out."""
    typer.echo("\n".join((*told(planned.changes, planned.wanted), *marked(planned.meanings))), err=True)
    count = len(planned.changes)
    question = ngettext("Make this change?", "Make these {n} changes?", count).format(n=count)
    return typer.confirm(question, err=True)


@command(app, "export", "deskline export > desk.yaml")
def export(desk: DeskOption = None, as_: AsOption = None) -> int:
    """Write the configuration as YAML; applying it again changes nothing."""
    with _nothing_collected():
        from core.config import stored, writing

        with opened(desk, "export", as_) as place, looking(place) as tx:
            text = writing.dump(stored.current(tx))
    return say(text)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Leave Python's collector alone, for a command that ends afterwards: what it imports stays to the end, and to look through
    that for garbage, the last time at the end, is a fifth of what the command costs."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if before:
            gc.enable()
