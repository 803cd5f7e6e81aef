"""What stands on a case beyond what every list shows: level, flag, tags, the desk's own fields, links, and where it was merged."""

from __future__ import annotations

from console.i18n import _
from console.moment import Moment, clock, desk_clock, moment
from console.render import clean
from data.queries import Query
from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch, Row

    Fields = Sequence[tuple[str, str, object]]

_MILLION = 1_000_000
_CASE = Query(
    "case.marks", "select level, flag, flagged_at, language from cases where id = cast(:case as bigint)", ("flag",)
)
_TAGS = Query("case.tags", "select tag from case_tags where case_id = cast(:case as bigint) order by tag")
_VALUES = Query(
    "case.values",
    """select f.name, f.label, f.kind, v.text, v.number,
  coalesce((select s.value from desk_settings s where s.name = 'time_zone'), 'UTC') as zone
from case_values v join custom_fields f on f.id = v.field_id
where v.case_id = cast(:case as bigint) and f.active = 1 order by f.name, v.position""",
    ("text",),
)
_LINKS = Query(
    "case.links",
    """select case when l.case_id = cast(:case as bigint) then l.other_id else l.case_id end as other, l.why
from case_links l where l.case_id = cast(:case as bigint) or l.other_id = cast(:case as bigint) order by l.at, other""",
)
_FOLLOWERS = Query(
    "case.followers",
    """select a.name, f.part from case_followers f join agents a on a.id = f.agent_id
where f.case_id = cast(:case as bigint) order by a.name""",
)
_INTO = Query("case.into", "select into_id from case_redirects where case_id = cast(:case as bigint)")


class _Number(float):
    """A number with decimals; `text` has all of them, as they are stored."""

    def __new__(cls, millionths: int) -> _Number:
        number = super().__new__(cls, millionths / _MILLION)
        whole, rest = divmod(abs(millionths), _MILLION)
        number.text = f"{'-' if millionths < 0 else ''}{whole}.{rest:06d}".rstrip("0")
        return number

    text: str


class Marks:
    """What stands on a case.

    `fields` are name, label and value of those that are filled, `links` other cases and why, `followers` agents and their part.
    """

    __slots__ = (
        "fields",
        "flag",
        "flagged_at",
        "followers",
        "language",
        "level",
        "links",
        "merged_into",
        "tags",
        "zone",
    )

    def __init__(
        self,
        row: Row,
        tags: Sequence[str],
        values: Sequence[Row],
        links: Sequence[tuple[int, str]],
        into: int | None,
        followers: Sequence[tuple[str, str]],
    ) -> None:
        self.level: int = row["level"]
        self.language: str | None = row["language"]
        self.flag: OutsideText | None = row["flag"]
        self.flagged_at = moment(row["flagged_at"])
        self.tags = tags
        self.fields = _fields(values)
        self.zone: str = values[0]["zone"] if values else "UTC"
        self.links = links
        self.merged_into = into
        self.followers = followers

    def item(self) -> Item:
        """Return them as programs read them."""
        return {
            "level": self.level,
            "language": self.language,
            "flag": self.flag,
            "flagged_at": self.flagged_at,
            "tags": list(self.tags),
            "fields": {name: value for name, _label, value in self.fields},
            "links": [{"case": case, "why": why} for case, why in self.links],
            "merged_into": self.merged_into,
            "followers": [{"agent": name, "part": part} for name, part in self.followers],
        }

    def facts(self) -> list[tuple[str, str]]:
        """Return the fields that are filled, each as its label and its value in words."""
        return [(clean(label) or name, _shown(value, self.zone)) for name, label, value in self.fields]

    def followed_by(self) -> str:
        """Return who follows it, in words."""
        return ", ".join(
            _("{name} (collaborates)").format(name=name) if part == "collaborator" else name
            for name, part in self.followers
        )

    def lines(self) -> list[str]:
        """Return them in words; nothing where nothing stands there."""
        lines = []
        if self.merged_into is not None:
            lines.append(_("merged into #{number}").format(number=self.merged_into))
        if self.flag is not None and self.flagged_at is not None:
            lines.append(_("! flagged {when}: {reason}").format(when=clock(self.flagged_at), reason=clean(self.flag)))
        facts = [_("level {n}").format(n=self.level)] if self.level > 1 else []
        facts += [f"[{clean(tag)}]" for tag in self.tags]
        if facts:
            lines.append(" · ".join(facts))
        lines += [f"{name}: {value}" for name, value in self.facts()]
        links = ", ".join(f"#{case} ({clean(why)})" for case, why in self.links)
        if links:
            lines.append(_("linked to {cases}").format(cases=links))
        if self.followers:
            lines.append(_("followed by {names}").format(names=self.followed_by()))
        return [f"  {line}" for line in lines]


def marks_of(fetch: Fetch, case: int) -> Marks:
    """Return what stands on a case that there is."""
    into = fetch(_INTO, {"case": case})
    return Marks(
        fetch(_CASE, {"case": case})[0],
        [each["tag"] for each in fetch(_TAGS, {"case": case})],
        fetch(_VALUES, {"case": case}),
        [(each["other"], each["why"]) for each in fetch(_LINKS, {"case": case})],
        into[0]["into_id"] if into else None,
        [(each["name"], each["part"]) for each in fetch(_FOLLOWERS, {"case": case})],
    )


def _fields(rows: Sequence[Row]) -> Fields:
    labels: dict[str, str] = {}
    values: dict[str, object] = {}
    for row in rows:
        name, value = row["name"], _value(row)
        labels[name] = row["label"]
        values[name] = [*values.get(name, ()), value] if row["kind"] == "choices" else value  # type: ignore[misc]
    return [(name, labels[name], value) for name, value in values.items()]


def _value(row: Row) -> object:
    match row["kind"]:
        case "number":
            whole, rest = divmod(row["number"], _MILLION)
            return _Number(row["number"]) if rest else whole
        case "flag":
            return bool(row["number"])
        case "moment":
            return moment(row["number"])
    return row["text"]


def _shown(value: object, zone: str) -> str:
    match value:
        case list():
            return ", ".join(map(clean, value))
        case bool():
            return _("yes") if value else _("no")
        case Moment():
            return desk_clock(value, zone)
        case _Number():
            return value.text
        case int():
            return str(value)
    return clean(value)  # type: ignore[arg-type]
