"""What stands on a case beyond what every list shows: level, flag, tags, the desk's own fields, links, and where it was merged."""

from __future__ import annotations

from decimal import Decimal

from console.i18n import _
from console.moment import clock, moment
from console.render import clean
from data.queries import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch, Row

_MILLION = 1_000_000
_CASE = Query(
    "case.marks", "select level, flag, flagged_at, language from cases where id = cast(:case as bigint)", ("flag",)
)
_TAGS = Query("case.tags", "select tag from case_tags where case_id = cast(:case as bigint) order by tag")
_VALUES = Query(
    "case.values",
    """select f.name, f.label, f.kind, v.text, v.number from case_values v join custom_fields f on f.id = v.field_id
where v.case_id = cast(:case as bigint) and f.active = 1 order by f.name, v.position""",
    ("text",),
)
_LINKS = Query(
    "case.links",
    """select case when l.case_id = cast(:case as bigint) then l.other_id else l.case_id end as other, l.why
from case_links l where l.case_id = cast(:case as bigint) or l.other_id = cast(:case as bigint) order by l.at, other""",
)
_INTO = Query("case.into", "select into_id from case_redirects where case_id = cast(:case as bigint)")


def marks_of(fetch: Fetch, case: int) -> Item:
    """Return what stands on a case, as programs read it."""
    row = fetch(_CASE, {"case": case})[0]
    into = fetch(_INTO, {"case": case})
    return {
        "level": row["level"],
        "language": row["language"],
        "flag": row["flag"],
        "flagged_at": moment(row["flagged_at"]),
        "tags": [each["tag"] for each in fetch(_TAGS, {"case": case})],
        "fields": _fields(fetch(_VALUES, {"case": case})),
        "links": [{"case": each["other"], "why": each["why"]} for each in fetch(_LINKS, {"case": case})],
        "merged_into": into[0]["into_id"] if into else None,
    }


def _fields(rows: Sequence[Row]) -> Item:
    found: Item = {}
    for row in rows:
        value = _value(row)
        if row["kind"] == "choices":
            found.setdefault(row["name"], []).append(value)
        else:
            found[row["name"]] = value
    return found


def _value(row: Row) -> object:
    match row["kind"]:
        case "number":
            number = Decimal(row["number"]) / _MILLION
            return int(number) if number == int(number) else float(number)
        case "flag":
            return bool(row["number"])
        case "moment":
            return moment(row["number"])
    return row["text"]


def lines_of(marks: Item) -> list[str]:
    """Return what stands on a case, in words; nothing where nothing does."""
    lines = []
    if marks["merged_into"] is not None:
        lines.append(_("merged into #{number}").format(number=marks["merged_into"]))
    if marks["flag"] is not None:
        lines.append(
            _("⚑ flagged {when}: {reason}").format(when=clock(marks["flagged_at"]), reason=clean(marks["flag"]))
        )
    facts = [_("level {n}").format(n=marks["level"])] if marks["level"] > 1 else []
    facts += [f"[{clean(tag)}]" for tag in marks["tags"]]
    if facts:
        lines.append(" · ".join(facts))
    lines += [f"{name}: {_shown(value)}" for name, value in marks["fields"].items()]
    links = ", ".join(f"#{each['case']} ({clean(each['why'])})" for each in marks["links"])
    if links:
        lines.append(_("linked to {cases}").format(cases=links))
    return [f"  {line}" for line in lines]


def _shown(value: object) -> str:
    from console.moment import Moment

    if isinstance(value, list):
        return ", ".join(map(clean, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Moment):
        return clock(value)
    return str(value) if isinstance(value, int | float) else clean(value)  # type: ignore[arg-type]
