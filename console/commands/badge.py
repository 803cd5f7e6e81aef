"""`deskline badge`: one short line for a shell prompt or a status bar."""

from __future__ import annotations

from console.commands.options import AsOption, DeskOption, JsonOption, command, form_of, noun, show

app = noun("")


@command(app, "badge", "deskline badge --as maya")
def badge(desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Say in one short line what wants an agent's attention, for a prompt or a status bar."""
    from console import reads

    return show(desk, form_of(json), reads.badge, who=as_, as_=as_)
