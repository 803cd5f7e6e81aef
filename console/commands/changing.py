"""Single changes of the configuration, made as `apply` makes them: a small document, checked, planned, carried out.

The document that a change is made from is read in the transaction that applies it, so nobody's change is lost between.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from console.commands.options import act
from console.i18n import _, ngettext
from console.render import Sheet, clean, deliver, say

if TYPE_CHECKING:
    from core.actions.desk import Applied
    from core.config.document import Document, Entry
    from core.config.effects import Effect
    from core.config.plan import Change
    from data.transaction import Tx

Fields = dict[str, Any]


def told(changes: Iterable[Change], stated: Document | None = None) -> list[str]:
    """Return changes in words, one a line.

    Args:
        stated: what a file states; what is reset because the file leaves it out is then set off.
    """
    from core.config.describing import describe

    def entry(change: Change) -> Entry | None:
        return None if stated is None else stated.section(change.section).get(change.name)

    return [clean(describe(change, entry(change))) for change in changes]


def meant(effects: Iterable[Effect]) -> list[str]:
    """Return in words what changes mean for what the desk holds, one a line."""
    return [clean(_meaning(each)) for each in effects]


def marked(meanings: Iterable[str]) -> list[str]:
    """Return such words as they stand below the changes."""
    return [f"  ! {each}" for each in meanings]


def _meaning(effect: Effect) -> str:
    return _in_form(effect).format(n=effect.count, name=effect.name, field=effect.field)


def _in_form(effect: Effect) -> str:
    match effect.what:
        case "tag":
            return ngettext(
                "{n} case has the tag {name}; it keeps it, and no other case can be given it.",
                "{n} cases have the tag {name}; they keep it, and no other case can be given it.",
                effect.count,
            )
        case "type":
            return ngettext(
                "{n} case is of the type {name}; it keeps it, and no other case can be given it.",
                "{n} cases are of the type {name}; they keep it, and no other case can be given it.",
                effect.count,
            )
        case "choice":
            return ngettext(
                "{n} case has the choice {name} in case.{field}; it keeps it, and no other case can be given it.",
                "{n} cases have the choice {name} in case.{field}; they keep it, and no other case can be given it.",
                effect.count,
            )
        case "no choice":
            return ngettext(
                "{n} case has a text in case.{name} that is none of its choices; it keeps it until it is set anew.",
                "{n} cases have a text in case.{name} that is none of its choices; they keep it until it is set anew.",
                effect.count,
            )
        case "field":
            return ngettext(
                "{n} case has a value in case.{name}; it is kept, and hidden until the field is declared again.",
                "{n} cases have a value in case.{name}; it is kept, and hidden until the field is declared again.",
                effect.count,
            )
        case "agent":
            return ngettext(
                "{n} piece of work is in the hands of {name}; it goes back to its queue.",
                "{n} pieces of work are in the hands of {name}; they go back to their queues.",
                effect.count,
            )
        case "queue":
            return ngettext(
                "{n} case waits in {name}; it moves to the fallback queue, with its age.",
                "{n} cases wait in {name}; they move to the fallback queue, with their age.",
                effect.count,
            )
        case "status":
            return ngettext(
                "{n} agent is in {name} and goes offline.", "{n} agents are in {name} and go offline.", effect.count
            )


def report(applied: Applied, json: bool, stated: Document | None = None, meanings: Sequence[str] | None = None) -> int:
    """Print what was changed, and the new revision.

    Args:
        stated: what a file states, where the change came from one.
        meanings: what the changes meant for what the desk holds, where that was asked for.
    """
    lines = told(applied.changes, stated)
    if json:
        fields: Fields = {"changes": lines, "revision": applied.revision}
        if meanings is not None:
            fields["effects"] = list(meanings)
        return deliver(Sheet(fields, []), "json")
    words = (
        _("Revision {n}.").format(n=applied.revision)
        if lines
        else _("Nothing to change; revision {n}.").format(n=applied.revision)
    )
    return say("".join(f"{line}\n" for line in lines), "\n".join((*marked(meanings or ()), words)))


def change_entry(
    desk: str | None,
    as_: str | None,
    json: bool,
    what: str,
    section: str,
    name: str,
    edit: Callable[[Fields | None], Fields],
    *,
    besides: Callable[[Document], dict[str, Any]] = lambda _document: {},
) -> int:
    """Add or change one entry.

    Args:
        what: the command, in messages.
        edit: gets the entry's fields as a file states them, None where there is none; returns what they shall be.
        besides: returns what else the document is to state.
    """

    def change(tx: Tx) -> Applied:
        import yaml

        from core.actions import desk as actions
        from core.config import reading, stored
        from core.config.problems import ConfigRefused

        current = stored.current(tx)
        entry = current.section(section).get(name)
        stated = {section: {name: edit(None if entry is None else _stated(entry))}, **besides(current)}
        text = yaml.safe_dump(stated, allow_unicode=True)
        try:
            wanted, lines = reading.read(text, f"deskline {what}", current)
        except ConfigRefused as refused:  # the lines are those of a file that nobody wrote
            raise ConfigRefused(dataclasses.replace(each, line=0, column=0) for each in refused.problems) from None
        return actions.apply(tx, wanted, lines=lines)

    return report(act(desk, as_, what, change), json)


def _stated(entry: Entry) -> Fields:
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def join_queues(agent: str, names: Iterable[str]) -> Callable[[Document], dict[str, Any]]:
    """Return what a document states for an agent to become a member of queues.

    Raises:
        NotFound: there is no such queue.
    """
    wanted = list(names)

    def stated(document: Document) -> dict[str, Any]:
        from core.errors import NotFound

        queues = {}
        for name in wanted:
            if name not in document.queues:
                raise NotFound(what=_("queue"), which=f'"{name}"')
            fields = _stated(document.queues[name])
            queues[name] = {**fields, "members": sorted({*fields.get("members", []), agent})}
        return {"queues": queues} if queues else {}

    return stated


def known_agents(names: Iterable[str]) -> Callable[[Document], dict[str, Any]]:
    """Return what a document states besides where agents are named: nothing, but they must be there.

    Raises:
        NotFound: when called: there is no such agent.
    """
    wanted = list(names)

    def stated(document: Document) -> dict[str, Any]:
        from core.errors import NotFound

        for name in wanted:
            if name not in document.agents:
                raise NotFound(what=_("agent"), which=f'"{name}"')
        return {}

    return stated


def remove_entry(
    desk: str | None, as_: str | None, json: bool, what: str, without: Callable[[Document], Document]
) -> int:
    """Remove what `without` leaves out of the configuration."""

    def change(tx: Tx) -> Applied:
        from core.actions import desk as actions
        from core.config import stored

        return actions.apply(tx, without(stored.current(tx)), prune=True)

    return report(act(desk, as_, what, change), json)
