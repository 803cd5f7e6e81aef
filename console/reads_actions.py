"""Reads about actions: which there are, what one takes, and which wait for their time."""

from __future__ import annotations

from console.i18n import _
from console.moment import clock, moment
from console.reads import bounded
from console.render import Column, Listing, Sheet, as_json
from data.queries import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from console.render import Item
    from core.actions.registry import Action, Parameter
    from data.queries import Fetch, Row

_PENDING = Query(
    "action.pending",
    """select d.id, t.due_at, d.action, d.case_id as "case", d.actor_kind, d.actor_name, d.arguments, d.created_at
from delayed_actions d join timers t on t.kind = 'action.delayed' and t.subject_kind = 'action' and t.subject_id = d.id
order by t.due_at, d.id limit cast(:limit as bigint)""",
    ("arguments",),
)


def action_pending(fetch: Fetch, *, limit: int = 50) -> Listing:
    """List the delayed actions that wait, the next first."""
    items = [_pending(row) for row in fetch(_PENDING, {"limit": bounded(limit)})]
    columns = (
        Column(_("Delayed"), lambda i: i["delayed"], right=True),
        Column(_("When"), lambda i: clock(i["due_at"])),
        Column(_("Action"), lambda i: i["action"]),
        Column(_("Case"), lambda i: f"#{i['case']}" if i["case"] else "", right=True),
        Column(_("By"), lambda i: i["by"], dispensable=1),
        Column(_("Arguments"), lambda i: _in_words(i["arguments"]), flexible=True),
    )
    return Listing("delayed", items, columns, words="" if items else _("No action waits for its time."))


def _pending(row: Row) -> Item:
    import json

    arguments = json.loads(row["arguments"].raw)
    if "url" in arguments:  # behind the host of a webhook may stand a secret
        scheme, sign, rest = arguments["url"].partition("://")
        arguments["url"] = f"{scheme}{sign}{rest.partition('/')[0].partition('?')[0]}/…"
    return {
        "delayed": row["id"],
        "due_at": moment(row["due_at"]),
        "action": row["action"],
        "case": row["case"],
        "by": row["actor_name"] or row["actor_kind"],
        "arguments": arguments,
        "created_at": moment(row["created_at"]),
    }


def _in_words(arguments: dict[str, Any]) -> str:
    return " ".join(f"{name}={each if isinstance(each, str) else as_json(each)}" for name, each in arguments.items())


def action_list() -> Listing:
    """List the actions that a rule, a program or a command line can name."""
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.arguments import scriptable

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
    import core.actions.all  # noqa: F401 - makes the registry whole
    from core.actions.arguments import action_named, written_type

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
    from core.actions.arguments import written_type

    return {
        "name": parameter.name,
        "type": written_type(parameter.type),
        "required": parameter.required,
        "default": parameter.default,
        "meaning": parameter.meaning,
    }


def _default(parameter: Parameter) -> str:
    return _("nothing") if parameter.default in (None, "") else str(parameter.default).lower()
