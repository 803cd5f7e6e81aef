"""`deskline action`: list, show and run whatever is registered."""

from __future__ import annotations

from typing import Annotated

import typer

from console import completing
from console.commands.options import (
    AsOption,
    CsvOption,
    DeskOption,
    JsonOption,
    LimitOption,
    act,
    command,
    done,
    form_of,
    noun,
    show,
)
from console.i18n import N_, _

app = noun(_("Actions: all that a person, a rule or a program can do to a desk."))
Name = Annotated[str, typer.Argument(metavar="ACTION", autocompletion=completing.actions)]
_RESULTS = {
    "action.delay": N_("It waits as delayed action {result}."),
    "case.classify": N_("Set: {result}."),
    "case.escalate": N_("It is at level {result}."),
    "case.note": N_("It is message {result}."),
    "case.open": N_("It is case #{result}."),
    "case.post": N_("It is message {result}."),
    "case.reply": N_("It is message {result}."),
    "case.send_mail": N_("It is message {result}."),
    "case.send_template": N_("It is message {result}."),
    "case.set": N_("Set: {result}."),
    "webhook.call": N_("It is call {result}."),
    "work.accept": N_("It is case #{result}."),
}
"""What an action returns, in words."""


@command(app, "list", "deskline action list")
def list_actions(json: JsonOption = False, csv: CsvOption = False) -> int:
    """List the actions, with the role that each takes and what takes it back."""
    from console import reads_actions
    from console.render import deliver

    return deliver(reads_actions.action_list(), form_of(json, csv))


@command(app, "show", "deskline action show case.escalate")
def show_action(name: Name, json: JsonOption = False) -> int:
    """Show what an action does, what it takes, and what it touches."""
    from console import reads_actions
    from console.render import deliver

    return deliver(reads_actions.action_show(name), form_of(json))


@command(app, "pending", "deskline action pending")
def list_pending(
    limit: LimitOption = 50,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List the delayed actions that wait, the next first; action.withdraw calls one off by its number."""
    from console import reads_actions

    return show(desk, form_of(json, csv), reads_actions.action_pending, who=as_, limit=limit)


@command(app, "run", "deskline action run case.tag case=412 tag=vip")
def run(
    name: Name,
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE…", autocompletion=completing.arguments)
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Carry an action out. Text stands as it is; lists and values by name are written as YAML: fields='{level: 2}'."""
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.arguments import action_named, read

    found = action_named(name)
    bound = read(found, arguments or [])
    result = act(desk, as_, f"action {found.name}", lambda tx: found.call(tx, **bound))
    words = _("{action}: done.") if result is not False else _("{action}: it was so already.")
    told = words.format(action=found.name)
    if result is not None and not isinstance(result, bool):
        told = f"{told} {_told(found.name, result)}"
    return done({"action": found.name, "result": result}, json, told)


def _told(action: str, result: object) -> str:
    if result == []:
        return _("Nothing changed.")
    plain = ", ".join(map(str, result)) if isinstance(result, list) else str(result)
    return _(_RESULTS[action]).format(result=plain) if action in _RESULTS else plain
