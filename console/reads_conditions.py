"""Reads about conditions: whether one can be read, what it comes to on a case, which fields there are, and which cases it finds."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import Moment, desk_clock, duration, from_now, now
from console.reads import missing, wrong
from console.render import Column, Listing, Sheet, clean
from core.conditions import case_fields
from core.conditions.at_desk import at_desk
from core.conditions.condition import Condition, Term
from core.conditions.event_fields import RECORDS, facts_of_event, of_events
from core.conditions.faults import ConditionFailed
from core.conditions.fields import Field, Vocabulary
from core.conditions.finding import cases_where
from core.conditions.functions import FUNCTIONS
from core.conditions.sql import where_of
from core.conditions.types import Facts, Type, Value
from core.conditions.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch


def condition_check(fetch: Fetch, *, text: str, event: bool = False) -> Sheet:
    """Say whether a condition can be read here, which fields it speaks of, and whether the database alone can decide it.

    Args:
        event: whether it is asked of an event, and may speak of what only an event knows.
    """
    here = at_desk(fetch, now())
    vocabulary, world = of_events(here.vocabulary) if event else here.vocabulary, here.world
    condition = Condition.read(text, vocabulary, here.calendars)
    fields = [vocabulary.fields[path] for path in sorted(condition.paths)]
    if event:
        item: Item = {"condition": text, "fields": [each.path for each in fields]}
        return Sheet(
            item, [_("The condition can be read."), *(f"  {each.path}  {_kind(each.type)}" for each in fields)]
        )
    where = where_of(condition.root, vocabulary, world)
    item = {"condition": text, "fields": [each.path for each in fields], "exact_in_sql": where.exact}
    lines = [_("The condition can be read.")]
    lines += [f"  {each.path}  {_kind(each.type)}" for each in fields]
    if not where.exact:
        lines.append(_("The database narrows the search; the rest is decided case by case."))
    return Sheet(item, lines)


def condition_eval(fetch: Fetch, *, text: str, case: int | None = None, event: int | None = None) -> Sheet:
    """Say what a condition comes to on a case, or on an event of the journal, with what decided."""
    if (case is None) == (event is None):
        raise wrong(_("Give either --case or --event."))
    here = at_desk(fetch, now())
    world = here.world
    vocabulary = here.vocabulary if event is None else of_events(here.vocabulary)
    condition = Condition.read(text, vocabulary, here.calendars)
    if event is not None:
        facts = facts_of_event(fetch, vocabulary, condition.paths, event)
        if facts is None:
            raise missing("event", _("{n} of a case; deskline journal tail --json lists them by id").format(n=event))
    else:
        assert case is not None
        facts = case_fields.facts_of(fetch, vocabulary, condition.paths, case)
        if facts is None:
            raise missing("case", f"#{case}")
    verdict, why = _verdict(condition, facts, world)
    terms = condition.terms(facts, world)
    item: Item = {
        **({"case": case} if event is None else {"event": event}),
        "condition": text,
        "verdict": verdict,
        "why": why,
        "terms": [
            {
                "text": each.text,
                "verdict": each.verdict,
                "why": each.why,
                "values": {path: _plain(vocabulary, path, value) for path, value in each.values},
            }
            for each in terms
        ],
    }
    words = {True: _("true"), False: _("false"), None: _("unknown: a value is missing")}
    what = f"#{case}" if event is None else _("event {n}").format(n=event)
    told = _("it cannot be decided: {why}").format(why=clean(why)) if why else words[verdict]
    lines = [_("{what}: {verdict}").format(what=what, verdict=told)]
    lines += [_term(vocabulary, each, str(world.zone)) for each in terms]
    return Sheet(item, lines)


def _verdict(condition: Condition, facts: Facts, world: World) -> tuple[bool | None, str]:
    """Return what a condition comes to; None and why where it cannot be decided."""
    try:
        return condition.verdict(facts, world), ""
    except ConditionFailed as failed:
        return None, str(failed.params["why"])


def condition_fields(fetch: Fetch, *, record: str | None = None) -> Listing:
    """List the fields that conditions know here, each with its type and what it says."""
    vocabulary = of_events(at_desk(fetch, now()).vocabulary)
    if record is not None and record not in vocabulary.records():
        raise missing("record", f"{clean(record)} ({', '.join(vocabulary.records())})")
    items: list[Item] = [
        {
            "field": each.path,
            "type": each.type.kind,
            "choices": list(each.type.choices),
            "summary": each.summary,
            "events_only": each.record in RECORDS,
        }
        for each in vocabulary.fields.values()
        if record in (None, each.record)
    ]
    columns = (
        Column(_("Field"), lambda i: i["field"]),
        Column(_("Type"), lambda i: _kind(Type(i["type"]))),
        Column(_("What it says"), lambda i: _(i["summary"]), flexible=True),
        Column(_("Of"), lambda i: _("events only") if i["events_only"] else "", dispensable=2),
        Column(_("Values"), lambda i: ", ".join(i["choices"]), flexible=True, dispensable=1),
    )
    return Listing("fields", items, columns)


def condition_functions() -> Listing:
    """List the functions of conditions and templates."""
    items: list[Item] = [
        {
            "function": name,
            "takes": ["/".join(kinds) for kinds in each.takes],
            "needs": each.least,
            "gives": each.gives.kind if each.gives else "as given",
            "summary": each.summary,
        }
        for name, each in FUNCTIONS.items()
    ]
    columns = (
        Column(_("Function"), lambda i: f"{i['function']}({', '.join(i['takes'])})"),
        Column(_("Gives"), lambda i: _kind(Type(i["gives"]))),
        Column(_("What it says"), lambda i: _(i["summary"]), flexible=True),
    )
    return Listing("functions", items, columns)


def some_cases_where(
    fetch: Fetch, texts: Sequence[str], statuses: Sequence[str], before: tuple[int, int], count: int
) -> list[int]:
    """Return the numbers of up to `count` cases for which all conditions are true, those changed last first, after a place in that order.

    Raises:
        ConditionRefused: one of the texts is no condition here.
    """
    here = at_desk(fetch, now())
    vocabulary, world = here.vocabulary, here.world
    conditions = [Condition.read(text, vocabulary, here.calendars) for text in texts]
    condition = conditions[0] if len(conditions) == 1 else Condition.all_of(conditions)
    found = cases_where(fetch, condition, vocabulary, world, statuses=statuses, before=before)
    return list(itertools.islice(found, count))


def _kind(kind: Type) -> str:
    words = {
        "text": _("text"),
        "number": _("number"),
        "flag": _("yes or no"),
        "time": _("moment"),
        "duration": _("duration"),
        "list": _("list"),
    }
    return words.get(kind.kind, kind.kind)


def _term(vocabulary: Vocabulary, term: Term, zone: str) -> str:
    sign = {True: "✓", False: "×", None: "?"}[term.verdict]
    values = ", ".join(f"{path} = {_shown(vocabulary.fields[path], value, zone)}" for path, value in term.values)
    return (
        f"  {sign} {clean(term.text)}" + (f"    {values}" if values else "") + (f"    {term.why}" if term.why else "")
    )


def _shown(field: Field, value: Value, zone: str) -> str:
    if value is None:
        return _("missing")
    match field.type.kind:
        case "time":
            return f"{desk_clock(int(str(value)), zone)} ({from_now(int(str(value)))})"
        case "duration":
            return duration(int(str(value)))
        case "flag":
            return _("true") if value else _("false")
        case "list":
            return ", ".join(value) if isinstance(value, tuple) and value else _("empty")
    text = clean(str(value))
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"' if isinstance(value, str) else text


def _plain(vocabulary: Vocabulary, path: str, value: Value) -> object:
    if vocabulary.fields[path].type.kind == "time" and value is not None:
        return Moment(int(str(value)))
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
