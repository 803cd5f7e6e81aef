"""Reads about conditions: whether one can be read, what it comes to on a case, which fields there are, and which cases it finds."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import Moment, age, clock, duration, now
from console.reads import missing
from console.render import Column, Listing, Sheet, clean
from core.conditions import case_fields
from core.conditions.at_desk import at_desk
from core.conditions.condition import Condition, Term
from core.conditions.fields import Field, Vocabulary
from core.conditions.finding import cases_where
from core.conditions.functions import FUNCTIONS
from core.conditions.sql import where_of
from core.conditions.types import Type, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch


def condition_check(fetch: Fetch, *, text: str) -> Sheet:
    """Say whether a condition can be read here, which fields it speaks of, and whether the database alone can decide it."""
    here = at_desk(fetch, now())
    vocabulary, world = here.vocabulary, here.world
    condition = Condition.read(text, vocabulary, here.calendars)
    where = where_of(condition.root, vocabulary, world)
    fields = [vocabulary.fields[path] for path in sorted(condition.paths)]
    item: Item = {"condition": text, "fields": [each.path for each in fields], "exact_in_sql": where.exact}
    lines = [_("The condition can be read.")]
    lines += [f"  {each.path}  {_kind(each.type)}" for each in fields]
    if not where.exact:
        lines.append(_("The database narrows the search; the rest is decided case by case."))
    return Sheet(item, lines)


def condition_eval(fetch: Fetch, *, text: str, case: int) -> Sheet:
    """Say what a condition comes to on a case, with what decided."""
    here = at_desk(fetch, now())
    vocabulary, world = here.vocabulary, here.world
    condition = Condition.read(text, vocabulary, here.calendars)
    facts = case_fields.facts_of(fetch, vocabulary, condition.paths, case)
    if facts is None:
        raise missing("case", f"#{case}")
    verdict = condition.verdict(facts, world)
    terms = condition.terms(facts, world)
    item: Item = {
        "case": case,
        "condition": text,
        "verdict": verdict,
        "terms": [
            {
                "text": each.text,
                "verdict": each.verdict,
                "values": {path: _plain(vocabulary, path, value) for path, value in each.values},
            }
            for each in terms
        ],
    }
    words = {True: _("true"), False: _("false"), None: _("unknown: a value is missing")}
    lines = [_("#{case}: {verdict}").format(case=case, verdict=words[verdict])]
    lines += [_term(vocabulary, each) for each in terms]
    return Sheet(item, lines)


def condition_fields(fetch: Fetch, *, record: str | None = None) -> Listing:
    """List the fields that conditions know here, each with its type and what it says."""
    vocabulary = at_desk(fetch, now()).vocabulary
    if record is not None and record not in vocabulary.records():
        raise missing("record", f"{clean(record)} ({', '.join(vocabulary.records())})")
    items: list[Item] = [
        {
            "field": each.path,
            "type": each.type.kind,
            "choices": list(each.type.choices),
            "summary": each.summary,
        }
        for each in vocabulary.fields.values()
        if record in (None, each.record)
    ]
    columns = (
        Column(_("Field"), lambda i: i["field"]),
        Column(_("Type"), lambda i: _kind(Type(i["type"]))),
        Column(_("What it says"), lambda i: _(i["summary"]), flexible=True),
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
    fetch: Fetch, text: str, statuses: Sequence[str], before: tuple[int, int], count: int
) -> list[int]:
    """Return the numbers of up to `count` cases for which a condition is true, those changed last first, after a place in that order.

    Raises:
        ConditionRefused: the text is no condition here.
    """
    here = at_desk(fetch, now())
    vocabulary, world = here.vocabulary, here.world
    condition = Condition.read(text, vocabulary, here.calendars)
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


def _term(vocabulary: Vocabulary, term: Term) -> str:
    sign = {True: "✓", False: "×", None: "?"}[term.verdict]
    values = ", ".join(f"{path} = {_shown(vocabulary.fields[path], value)}" for path, value in term.values)
    return f"  {sign} {clean(term.text)}" + (f"    {values}" if values else "")


def _shown(field: Field, value: Value) -> str:
    if value is None:
        return _("missing")
    match field.type.kind:
        case "time":
            return _("{clock} ({age} ago)").format(clock=clock(int(str(value))), age=age(int(str(value))))
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
