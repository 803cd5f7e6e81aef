"""Reads about the registry: which actions there are, and what one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import core.actions.all  # noqa: F401 - makes the registry whole
from console.i18n import _
from console.render import Column, Listing, Sheet
from core.actions.arguments import action_named, scriptable, written_type

if TYPE_CHECKING:
    from console.render import Item
    from core.actions.registry import Action, Parameter


def action_list() -> Listing:
    """List the actions that a rule, a program or a command line can name."""
    items: list[Item] = [_item(each) for each in scriptable()]
    columns = (
        Column(_("Action"), lambda i: i["action"]),
        Column(_("What it does"), lambda i: _(i["summary"]), flexible=True),
        Column(_("Role"), lambda i: i["role"], dispensable=2),
        Column(_("Taken back by"), lambda i: i["undone_by"] or "", dispensable=1),
    )
    return Listing("actions", items, columns)


def action_show(name: str) -> Sheet:
    """Show what an action does, takes and touches, and who may."""
    found = action_named(name)
    item = {**_item(found), "parameters": [_parameter(each) for each in found.parameters]}
    body = found.description.partition("\n\nArgs:")[0].split("\n")
    back = (
        _("{action} takes it back").format(action=found.undone_by) if found.undone_by else _("it cannot be taken back")
    )
    facts = [_("role {role}").format(role=found.role), _("touches {what}").format(what=", ".join(found.touches)), back]
    lines = [found.name, *(f"  {line}" for line in body), "  " + " · ".join(facts)]
    for each in found.parameters:
        needed = _("required") if each.required else _("else {value}").format(value=_default(each))
        lines += ["", f"  {each.name}=…   {written_type(each.type)} · {needed}"]
        if each.meaning:
            lines.append(f"      {each.meaning}")
    return Sheet(item, lines)


def _item(action: Action) -> Item:
    return {
        "action": action.name,
        "summary": action.summary,
        "role": action.role,
        "touches": list(action.touches),
        "undone_by": action.undone_by or None,
    }


def _parameter(parameter: Parameter) -> Item:
    return {
        "name": parameter.name,
        "type": written_type(parameter.type),
        "required": parameter.required,
        "default": parameter.default,
        "meaning": parameter.meaning,
    }


def _default(parameter: Parameter) -> str:
    return _("nothing") if parameter.default in (None, "") else str(parameter.default).lower()
