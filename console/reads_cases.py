"""The reads about cases: the list, page by page, and one case with everything that was said on it.

The list is ordered by the last change; the place where a page begins is a number and a time, since a case that changes meanwhile
moves to the front.
"""

from __future__ import annotations

from console.i18n import _
from console.moment import age, clock, left, moment, now
from console.reads import NEWEST_ANSWER, bounded, known, missing, server_of, trying_again, wrong
from console.reads_marks import marks_of
from console.render import Column, Listing, Sheet, clean
from console.words import CASE_STATUSES, DELIVERY, DIRECTIONS, WORK_STATES, priority, signed, size
from data import queries
from data.queries import Query
from data.text import OutsideText, sanitise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from console.reads_marks import Marks
    from console.render import Item
    from data.queries import Fetch, Row

UNFINISHED = ("new", "open", "waiting_customer", "on_hold")
_FAR = 9_000_000_000_000_000
_AT_ONCE = 500
EVENTS = Query("case.events", "select count(*) as n from journal where case_id = cast(:case as bigint)")
VIEWS = Query("view.list", "select name, label, condition, columns from views where active = 1 order by name")
TRIED = Query(
    "case.tried",
    """select o.message_id, o.due_at, o.error, b.smtp from outbox o join messages m on m.id = o.message_id
left join mailboxes b on b.id = o.mailbox_id
where m.case_id = cast(:case as bigint) and o.state = 'queued' and o.error is not null""",
    ("error",),
)


def case_list(
    fetch: Fetch,
    *,
    status: str | None = None,
    all: bool = False,
    owner: str | None = None,
    queue: str | None = None,
    channel: str | None = None,
    customer: str | None = None,
    where: str | None = None,
    view: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Listing:
    """List cases, those changed last first; with `where` those for which a condition is true, with `view` those of a view.

    With both they are those of the view for which the condition is true.
    """
    conditions = [] if where is None else [where]
    columns: tuple[str, ...] = ()
    if view is not None:
        of_view, columns = _of_view(fetch, view)
        conditions.append(of_view)
        all = all or status is None
    if status is not None and all:
        raise wrong(_("Give either --status or --all."))
    statuses = tuple(CASE_STATUSES) if all else UNFINISHED if status is None else tuple(status.split(","))
    for each in statuses:
        if each not in CASE_STATUSES:
            raise wrong(
                _("There is no status {status}. Known are {known}.").format(
                    status=clean(each), known=", ".join(CASE_STATUSES)
                )
            )
    for what, name in (("agent", owner), ("queue", queue), ("channel", channel)):
        known(fetch, what, name)
    before_at, before_id = _place(fetch, before)
    if conditions:
        if owner or queue or channel or customer:
            raise wrong(_('Say it all in --where, such as: case.owner == "maya" and case.queue == "tier-1"'))
        from console.reads_conditions import some_cases_where

        numbers = some_cases_where(fetch, conditions, statuses, (before_at, before_id), bounded(limit) + 1)
        found = _listing(fetch, fetch(queries.some_cases(numbers), {}), limit, narrowed=True)
        if columns:
            _show_columns(fetch, found, columns)
        if not found.items and not all and status is None:
            found.words = _(
                "No case that is not finished is like that; with --all resolved and closed ones are looked at."
            )
        return found
    query = queries.CASE_LIST_OF_OWNER if owner else queries.CASE_LIST_OF_QUEUE if queue else queries.CASE_LIST
    rows = fetch(
        query,
        {
            **{each: int(each in statuses) for each in CASE_STATUSES},
            "owner": owner,
            "queue": queue,
            "channel": channel,
            "customer": None if customer is None else _pattern(customer),
            "before_at": before_at,
            "before_id": before_id,
            "limit": bounded(limit) + 1,
        },
    )
    return _listing(fetch, rows, limit, narrowed=bool(status or all or owner or queue or channel or customer))


def _of_view(fetch: Fetch, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition and the columns of one of the desk's views."""
    import json

    views = {row["name"]: row for row in fetch(VIEWS, {})}
    if name not in views:
        known_ones = ", ".join(sorted(views)) or _("none")
        raise missing("view", _('"{name}". Known are {known}').format(name=clean(name), known=known_ones))
    return str(views[name]["condition"]).rstrip("\n"), tuple(json.loads(views[name]["columns"]))


def _show_columns(fetch: Fetch, listing: Listing, paths: tuple[str, ...]) -> None:
    """Show the columns of a view beside the number and the subject; for programs each is one more value of a case."""
    from console.view_columns import cells_of, columns_of, plain, written

    columns = columns_of(fetch, paths)
    cells = cells_of(fetch, columns, [item["number"] for item in listing.items])
    for item in listing.items:
        for column, value in zip(columns, cells[item["number"]], strict=True):
            item[column.field.path] = plain(column, value)

    def shown(place: int) -> Column:
        column = columns[place]
        return Column(
            clean(column.head),
            lambda item: clean(written(column, cells[item["number"]][place])),
            right=column.right,
            flexible=column.field.type.kind in ("text", "list"),
            dispensable=1 + place,
        )

    number, subject = (each for each in _CASES() if each.head in (_("Case"), _("Subject")))
    listing.columns = (number, subject, *map(shown, range(len(columns))))


def _listing(fetch: Fetch, rows: list[Row], limit: int, *, narrowed: bool) -> Listing:
    not_sent = _not_sent(fetch, [row["number"] for row in rows[:limit]])
    items = [{**_case_item(row), "not_sent": row["number"] in not_sent} for row in rows[:limit]]
    last = f"{items[-1]['number']}@{int(items[-1]['updated_at'])}" if len(rows) > limit else None
    words = "" if items else _("No cases like that.") if narrowed else _("No open cases.")
    if last:
        words = _("There are more: --before {place}").format(place=last)
    return Listing("cases", items, _CASES(), words=words, next_=last)


def _CASES() -> tuple[Column, ...]:  # noqa: N802 - a table of columns, made late so that its heads are in the user's language
    return (
        Column(_("Case"), lambda i: f"#{i['number']}", right=True),
        Column(_("Status"), _status),
        Column(_("Priority"), lambda i: priority(i["priority"]), dispensable=5),
        Column(_("Customer"), lambda i: i["customer"] or i["address"], flexible=True, dispensable=1),
        Column(_("Subject"), lambda i: i["subject"], flexible=True),
        Column(_("Queue"), lambda i: i["queue"], flexible=True, dispensable=4),
        Column(_("Owner"), lambda i: i["owner"], flexible=True, dispensable=2),
        Column(_("Changed"), lambda i: age(i["updated_at"]), right=True, dispensable=3),
    )


def _status(item: Item) -> str:
    return _("! not sent") if item["not_sent"] else signed(CASE_STATUSES, item["status"])


def _not_sent(fetch: Fetch, numbers: list[int]) -> set[int]:
    """Return those of some cases whose newest answer the customer never got."""
    found: set[int] = set()
    for at in range(0, len(numbers), _AT_ONCE):
        some = ", ".join(map(str, numbers[at : at + _AT_ONCE]))
        sql = f"select c.id as number from cases c where c.id in ({some}) and {NEWEST_ANSWER} = 'failed'"  # noqa: S608
        found.update(row["number"] for row in fetch(Query("case.not_sent", sql), {}))
    return found


def _pattern(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return f"%{text.lower()}%"


def _place(fetch: Fetch, before: str | None) -> tuple[int, int]:
    """Return where a page begins: at the place that the last one named, or at the present place of a case."""
    if before is None:
        return _FAR, 0
    number, at, micro = before.lstrip("#").partition("@")
    if (
        not (number.isascii() and number.isdigit() and (not at or (micro.isascii() and micro.isdigit())))
        or len(before) > 40
    ):
        raise wrong(_("--before takes the number of a case, or what the page before said."))
    if at:
        return int(micro), int(number)
    rows = fetch(queries.CASE, {"case": int(number)})
    if not rows:
        raise missing("case", f"#{number}")
    return rows[0]["updated_at"], int(number)


def _case_item(row: Row) -> Item:
    return {
        "number": row["number"],
        "subject": row["subject"],
        "status": row["status"],
        "priority": row["priority"],
        "type": row["type"],
        "channel": row["channel"],
        "queue": row["queue"],
        "owner": row["owner"],
        "customer": row["customer"] or None,
        "address": row["address"],
        "opened_at": moment(row["opened_at"]),
        "updated_at": moment(row["updated_at"]),
        "hold_until": moment(row["hold_until"]),
    }


def case_show(fetch: Fetch, *, number: int, history: int = 10, all: bool = False) -> Sheet:
    """Show a case with its messages, who has the work, and what happened."""
    if not 0 <= history <= 100_000:
        raise wrong(_("--history is a number from 0 to 100000."))
    rows = fetch(queries.CASE, {"case": number})
    if not rows:
        raise missing("case", f"#{number}")
    from console import telling

    row, marks = rows[0], marks_of(fetch, number)
    files: dict[int, list[Item]] = {}
    for each in fetch(queries.ATTACHMENTS, {"case": number}):
        item = {"position": each["position"], "name": each["name"], "type": each["type"], "size": each["size"]}
        files.setdefault(each["message_id"], []).append({**item, "inline": bool(each["inline"])})
    messages = [_message_item(each, files.get(each["id"], [])) for each in fetch(queries.MESSAGES, {"case": number})]
    work = [_work_brief(each) for each in fetch(queries.WORK_OF_CASE, {"case": number})]
    tried = {
        each["message_id"]: trying_again(each["error"], server_of(each["smtp"]), each["due_at"])
        for each in fetch(TRIED, {"case": number})
    }
    events = fetch(EVENTS, {"case": number})[0]["n"]
    entries = fetch(queries.HISTORY, {"case": number, "limit": events if all else history})[::-1]
    answers = [each for each in messages if each["direction"] == "outbound"]
    item = {
        **_case_item(row),
        "account": row["account"],
        "hold_reason": row["hold_reason"],
        "continues": row["continues"],
        "resolved_at": moment(row["resolved_at"]),
        "closed_at": moment(row["closed_at"]),
        "work": work[0] if work else None,
        "messages": messages,
        "history": [telling.as_item(each) for each in entries],
        "not_sent": bool(answers) and answers[-1]["delivery"] == "failed",
        **marks.item(),
    }
    lines = [
        *_case_head(item, marks),
        *(part for each in messages for part in _message_lines(each, item["address"], tried.get(each["id"]))),
    ]
    if entries:
        lines += ["", _("History")]
        if events > len(entries):
            lines.append("  " + _("{n} earlier: --all").format(n=events - len(entries)))
        lines += [f"  {telling.line(each, numbers=False)}" for each in entries]
    return Sheet(item, lines)


def _work_brief(row: Row) -> Item:
    return {
        "work": row["work"],
        "state": row["state"],
        "queue": row["queue"],
        "agent": row["agent"],
        "requested_at": moment(row["requested_at"]),
        "offered_at": moment(row["offered_at"]),
        "accepted_at": moment(row["accepted_at"]),
        "deadline_at": moment(row["deadline_at"]),
    }


def _case_head(item: Item, marks: Marks) -> list[str]:
    customer = " ".join(
        part for part in (clean(item["customer"]), f"<{clean(item['address'])}>" if item["address"] else "") if part
    )
    facts = [
        customer,
        item["queue"] or _("no queue"),
        signed(CASE_STATUSES, item["status"]) + (_(" (! the answer was not sent)") if item["not_sent"] else ""),
        priority(item["priority"]),
    ]
    facts += [clean(item["type"]), item["channel"]]
    lines = [f"#{item['number']}  {clean(item['subject'])}", "  " + " · ".join(part for part in facts if part)]
    times = [
        _("opened {when}").format(when=clock(item["opened_at"])),
        _("changed {when}").format(when=clock(item["updated_at"])),
    ]
    lines.append(
        "  " + " · ".join([*times, _("owner {name}").format(name=item["owner"]) if item["owner"] else _("no owner")])
    )
    if item["status"] == "on_hold":
        lines.append(
            "  "
            + _("on hold until {when}: {reason}").format(
                when=clock(item["hold_until"]), reason=clean(item["hold_reason"])
            )
        )
    if item["continues"]:
        lines.append("  " + _("continues #{number}").format(number=item["continues"]))
    lines += marks.lines()
    work = item["work"]
    if work:
        lines.append("  " + _("work {work}: {words}").format(work=work["work"], words=holder(work)))
    return lines


def holder(work: Item) -> str:
    """Return who has a work item, in words."""
    state, agent, queue = work["state"], work["agent"], work["queue"]
    if state == "waiting":
        return _("◔ waits in {queue} for {age}").format(queue=queue, age=age(work["requested_at"]))
    if state == "offered":
        text = _("▸ offered to {agent}").format(agent=agent)
        deadline = work["deadline_at"]
        if deadline is None:
            return text
        return f"{text}, " + (
            _("{time} left").format(time=left(deadline)) if deadline > now() else _("! its time is over")
        )
    if state in ("accepted", "wrapping"):
        since = age(work["accepted_at"] or work["offered_at"])
        text = _("● {agent} has had it for {age}") if state == "accepted" else _("◐ {agent} wraps up, had it for {age}")
        return text.format(agent=agent, age=since)
    return signed(WORK_STATES, state)


def _message_item(row: Row, files: list[Item]) -> Item:
    return {
        "id": row["id"],
        "direction": row["direction"],
        "at": moment(row["at"]),
        "channel": row["channel"],
        "customer": row["customer"] or None,
        "agent": row["agent"],
        "subject": row["subject"],
        "text": row["text"],
        "reply_text": row["reply_text"],
        "recipients": _addresses(row["recipients"]),
        "delivery": row["delivery"],
        "delivery_error": row["delivery_error"],
        "auto": bool(row["auto"]),
        "bounce": bool(row["bounce"]),
        "attachments": files,
    }


def _addresses(raw: OutsideText) -> list[OutsideText]:
    if raw.raw == "[]":
        return []
    import json

    return [OutsideText(str(each)) for each in json.loads(raw.raw)]


def _message_lines(item: Item, customer: OutsideText | None, tried: str | None = None) -> list[str]:
    inbound, note = item["direction"] == "inbound", item["direction"] == "note"
    name = clean(item["customer"]) if inbound else item["agent"]
    about = [_(DIRECTIONS[item["direction"]]), clock(item["at"])]
    others = [each for each in item["recipients"] if customer is None or each.raw.lower() != customer.raw.lower()]
    if others and not inbound:
        about.append(_("to {whom}").format(whom=", ".join(map(clean, others))))
    if item["auto"]:
        about.append(_("automatic"))
    if item["delivery"]:
        state = _("! not sent") if item["delivery"] == "failed" else signed(DELIVERY, item["delivery"])
        error = tried or clean(item["delivery_error"])
        about.append(f"{state}: {error}" if error else state)
    rail = "  " if inbound else "  ┊ " if note else "  │ "
    body = sanitise(item["reply_text"] or item["text"]).rstrip().split("\n")
    files = [f"{rail}↓ {clean(each['name']) or '?'}  {size(each['size'])}" for each in item["attachments"]]
    return [
        "",
        "  ".join(part for part in (name, " · ".join(about)) if part),
        *(f"{rail}{each}".rstrip() for each in body),
        *files,
    ]
