"""`deskline demo`: the sample company plays by itself, with real mail through a real mail server on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from console.commands.options import command, noun
from console.i18n import _
from console.render import clean, say

app = noun("")


@command(app, "demo", "deskline demo --keep ./demo")
def demo(
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help=_("Play in this new folder, and leave it there."))
    ] = None,
    pace: Annotated[float, typer.Option("--pace", min=0, max=60, help=_("Seconds between two acts."))] = 0.4,
) -> int:
    """Play the sample company's story: customers write, work is pushed, accepted, answered and closed.

    Exit code 0 only if all of it happened.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="deskline-demo-") as folder:
            return _play(Path(folder), pace)
    from core.errors import WrongUsage

    if keep.exists() and any(keep.iterdir()):
        raise WrongUsage(reason=_("{path} is not empty; the demo wants a folder of its own.").format(path=keep))
    keep.mkdir(parents=True, exist_ok=True, mode=0o700)
    code = _play(keep, pace)
    say("", _("The desk is kept: deskline case list --all --desk {path}").format(path=keep / "desk.db"))
    return code


def _play(folder: Path, pace: float) -> int:
    import asyncio

    from console.demo.play import Play
    from console.demo.stage import built_stage

    def tell(line: str) -> None:
        say("\n".join(clean(each) for each in line.splitlines()) + "\n")

    tell(_("Ursa Major Solar opens: a mail server, a desk and its engine start on this machine."))
    with built_stage(folder) as stage:
        checks = asyncio.run(Play(stage, tell, pace).run())
    tell("")
    for what, holds in checks:
        tell(f"{'✓' if holds else '✗'} {what}")
    done = all(holds for _what, holds in checks)
    tell(_("All of it happened.") if done else _("Not all of it happened."))
    if not done and (log := (folder / "demo.log")).exists():
        say("", log.read_text(errors="replace")[-4000:])
    return 0 if done else 1
