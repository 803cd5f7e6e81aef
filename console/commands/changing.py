"""Single changes of the configuration, made as `apply` makes them: a small document, checked, planned, carried out.

The document that a change is made from is read in the transaction that applies it, so nobody's change is lost between.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from console.commands.options import act
from console.i18n import _
from console.render import Sheet, clean, deliver, say

if TYPE_CHECKING:
    from core.actions.desk import Applied
    from core.config.document import Document, Entry
    from core.config.plan import Change
    from data.transaction import Tx

Fields = dict[str, Any]


def told(changes: Iterable[Change]) -> list[str]:
    """Return changes in words, one a line."""
    from core.config.describing import describe

    return [clean(describe(change)) for change in changes]


def report(applied: Applied, json: bool) -> int:
    """Print what was changed, and the new revision."""
    lines = told(applied.changes)
    if json:
        return deliver(Sheet({"changes": lines, "revision": applied.revision}, []), "json")
    words = (
        _("Revision {n}.").format(n=applied.revision)
        if lines
        else _("Nothing to change; revision {n}.").format(n=applied.revision)
    )
    return say("".join(f"{line}\n" for line in lines), words)


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
