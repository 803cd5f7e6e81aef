"""`deskline demo`: the sample company, with real mail through a real mail server on this machine."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from console.commands.console import MouseOption, SignsOption, ThemeOption
from console.commands.options import command, noun
from console.i18n import _
from console.render import clean, say

app = noun("")

_STORY_PACE_S = 0.4


@command(app, "demo", "deskline demo --tour")
def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help=_("Play in this new folder, and leave it there."))
    ] = None,
    tour: Annotated[bool, typer.Option("--tour", help=_("Be led through your first case."))] = False,
    story: Annotated[
        bool, typer.Option("--story", help=_("Let a short story play by itself, as it does without a terminal."))
    ] = False,
    pace: Annotated[
        float | None,
        typer.Option(
            "--pace", min=0, max=600, help=_("Seconds between two new mails (30), or two acts of the story (0.4).")
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help=_("The same number makes the same customers."))
    ] = None,
    theme: ThemeOption = None,
    signs: SignsOption = None,
    no_mouse: MouseOption = False,
) -> int:
    """Play the sample company: customers write by themselves, and you are one of its agents, until you close the console.

    Without a terminal, or with --story, a story plays by itself: work is pushed, accepted, answered and closed; exit code 0 only if all
    of it happened.
    """
    from core.errors import Refused, WrongUsage

    in_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if tour and (story or not in_terminal):
        raise WrongUsage(reason=_("The tour needs a terminal."))
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise Refused(reason=_("{path} is not empty; the demo wants a folder of its own.").format(path=keep))
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
    if story or not in_terminal:
        return _tell_story(keep, _STORY_PACE_S if pace is None else pace)
    from console.demo.coach import program
    from console.demo.live import play

    folder = keep if keep is not None else Path(tempfile.mkdtemp(prefix="demo-"))
    options = {"theme": theme, "signs": signs, "no-mouse": no_mouse}
    code = play(folder, temporary=keep is None, tour=tour, seed=seed, pace_s=pace, options=options)
    if keep is None:
        text = _("The demo is over, and its desk is gone. To keep it next time: {program} demo --keep FOLDER")
        say("", text.format(program=program()))
    else:
        text = _("The desk is kept: {program} console --as maya --desk {path}")
        say("", text.format(program=program(), path=keep / "desk.db"))
    return code


def _tell_story(keep: Path | None, pace_s: float) -> int:
    if keep is None:
        from console.demo.stage import removed

        folder = Path(tempfile.mkdtemp(prefix="demo-"))
        try:
            return _play(folder, pace_s)
        finally:
            removed(folder)
    code = _play(keep, pace_s)
    say("", _("The desk is kept: deskline case list --all --desk {path}").format(path=keep / "desk.db"))
    return code


def _play(folder: Path, pace_s: float) -> int:
    import asyncio

    from console.demo.play import Play
    from console.demo.stage import built_stage

    def tell(line: str) -> None:
        say("\n".join(clean(each) for each in line.splitlines()) + "\n")

    tell(_("Ursa Major Solar opens: a mail server, a desk and its engine start on this machine."))
    with built_stage(folder) as stage:
        checks = asyncio.run(Play(stage, tell, pace_s).run())
    tell("")
    for what, holds in checks:
        tell(f"{'✓' if holds else '✗'} {what}")
    done = all(holds for _what, holds in checks)
    tell(_("All of it happened.") if done else _("Not all of it happened."))
    if not done and (log := (folder / "demo.log")).exists():
        say("", log.read_text(errors="replace")[-4000:])
    return 0 if done else 1
