"""The journal in words: one sentence an event, for histories and for `journal tail`.

What an event holds may be a customer's words, so every value of it passes `clean`; a kind that this program does not know is shown
by its name with its content, never left out.
"""

from __future__ import annotations

import json

from console.i18n import N_, _
from console.moment import Moment, clock, duration
from console.render import as_json, clean
from console.words import case_status, units
from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from console.render import Item

_TOLD = {
    "desk.configured": N_("changed the configuration (revision {revision}): {changes}"),
    "engine.stumbled": N_("! the engine went on without {what}: {error}"),
    "contact.created": N_("a new contact"),
    "case.opened": N_("opened, over {channel}"),
    "case.status_changed": N_("{old} → {new}"),
    "case.changed": N_("{name}: {old} → {new}"),
    "case.assigned": N_("given to {agent}"),
    "case.followed": N_("{agent} follows it"),
    "case.unfollowed": N_("{agent} no longer follows it"),
    "case.linked": N_("linked to #{other} ({why})"),
    "case.unlinked": N_("no longer linked to #{other}"),
    "case.merged": N_("merged into #{into}"),
    "case.took_over": N_("took over the messages of #{other}"),
    "case.tagged": N_("tagged {tag}"),
    "case.untagged": N_("tag {tag} taken off"),
    "case.classified": N_("classified: {fields} ({reasons})"),
    "case.escalated": N_("escalated to level {level}: {reason}"),
    "case.flagged": N_("! flagged: {reason}"),
    "case.unflagged": N_("flag taken down"),
    "action.delayed": N_("{action} is to follow at {due_at} (delayed {action_id})"),
    "action.withdrawn": N_("{action} was called off"),
    "action.failed": N_("! {action} was not carried out: {error}"),
    "webhook.queued": N_("{host} is to be called"),
    "webhook.answered": N_("the webhook was called ({status})"),
    "webhook.failed": N_("! the webhook came to nothing: {error}"),
    "message.held_back": N_("an automatic message was held back ({why})"),
    "message.received": N_("the customer wrote"),
    "message.queued": N_("an answer was written"),
    "message.sent": N_("the answer was sent"),
    "message.failed": N_("! the answer was not sent: {error}"),
    "message.bounced": N_("! the answer came back"),
    "message.noted": N_("added a note"),
    "mail.quarantined": N_("! a mail could not be read: {reason}"),
    "mail.released": N_("mail {mail_id} left quarantine"),
    "work.queued": N_("waits in {queue} ({why})"),
    "work.offered": N_("offered to {agent}"),
    "work.accepted": N_("accepted by {agent}"),
    "work.declined": N_("declined by {agent}"),
    "work.timed_out": N_("not answered in time by {agent}"),
    "work.revoked": N_("offer to {agent} taken back ({why})"),
    "work.cancelled": N_("left the line ({why})"),
    "work.transferred": N_("went from {agent} back to a line ({why})"),
    "work.wrapping": N_("{agent} wraps up"),
    "work.closed": N_("done by {agent} in {handle}"),
    "work.reweighed": N_("counts {weight} of the capacity of {agent}"),
    "work.round_exhausted": N_("everybody present was asked; asked again at {until}"),
    "work.round_started": N_("everybody may be asked again (round {round})"),
    "work.routing_failed": N_("! sent to {queue} instead: {error}"),
    "agent.presence_changed": N_("{agent}: {old} → {new}"),
    "agent.connection_lost": N_("◌ connection of {agent} lost; work is kept until {until}"),
    "agent.connection_restored": N_("connection of {agent} is back"),
}
_TAKEN = N_("taken from its owner")
_GIVEN = N_("given to {agent} by hand")
_RESTS = N_("taken from {agent} ({why}); it is on hold, so in no line until its date")
_AUTOMATIC = N_("accepted automatically by {agent}")
_WITH_REASON = N_("{what}: {reason}")


class _Values(dict[str, str]):
    """What a sentence may name; a value that an older event lacks is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def sentence(entry: Item, *, spoken: bool = False) -> str:
    """Return what happened, in words. `entry` has kind, agent, queue and data (JSON, text from outside).

    Args:
        spoken: whether values are said as a screen says them, not as they are typed.
    """
    kind, data = entry["kind"], content(entry)
    template = _TOLD.get(kind)
    if template is None:
        return clean(f"{kind} {as_json(data)}")
    if kind == "case.assigned" and entry["agent"] is None:
        template = _TAKEN
    elif kind == "work.transferred" and data.get("successor") is None:
        template = _RESTS
    elif kind == "work.accepted" and data.get("how") in ("given", "automatic"):
        template = _GIVEN if data["how"] == "given" else _AUTOMATIC
    values = _Values(agent=clean(entry["agent"]) or "?", queue=clean(entry["queue"]) or "?")
    values.update({name: _told(kind, name, value, spoken) for name, value in data.items()})
    if kind == "case.changed":  # what is missing was never set, or was taken away
        values.update({name: _("nothing") for name in ("old", "new") if name not in data})
    if "handle_s" in data:
        values["handle"] = duration(int(float(data["handle_s"]) * 1_000_000))
    text = _(template).format_map(values)
    reason = (
        data.get("reason")
        if kind in ("case.status_changed", "work.declined")
        else data.get("why")
        if kind[:6] == "agent."
        else None
    )
    return _(_WITH_REASON).format(what=text, reason=clean(str(reason))) if reason else text


def _told(kind: str, name: str, value: Any, spoken: bool) -> str:
    if spoken and kind == "case.status_changed" and name in ("old", "new"):
        return case_status(clean(str(value)))
    if name in ("until", "due_at") and isinstance(value, int):
        return clock(value)
    if name == "weight" and isinstance(value, int):
        return units(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(clean(str(each)) for each in value)
    return clean(str(value))


def content(entry: Item) -> dict[str, Any]:
    """Return an event's own fields, as stored."""
    raw = entry["data"].raw if isinstance(entry["data"], OutsideText) else entry["data"]
    found: dict[str, Any] = json.loads(raw)
    return found


def who(entry: Item) -> str:
    """Return who did it."""
    return clean(entry["actor_name"]) or entry["actor_kind"]


def act(entry: Item, me: str) -> str:
    """Return an entry as a screen tells it: what happened and who did it, people by their full names.

    Args:
        entry: as `data.screen_queries` reads it.
        me: the login name of the agent who looks, who is called `you`.
    """
    agent = _("you") if me and entry["agent_name"] == me else entry["agent"]
    text = sentence({**entry, "agent": agent}, spoken=True)
    if entry["actor_kind"] != "agent":
        return text
    actor = _("you") if entry["actor_name"] == me else clean(entry["actor"])
    return text if not actor or actor in text else f"{text} · {actor}"


def as_item(entry: Item) -> Item:
    """Return an entry as programs read it."""
    return {
        "id": entry["id"],
        "at": Moment(entry["at"]),
        "kind": entry["kind"],
        "actor": entry["actor_name"] or entry["actor_kind"],
        "case": entry["case_id"],
        "work": entry["work_id"],
        "agent": entry["agent"],
        "queue": entry["queue"],
        "data": content(entry),
    }


def line(entry: Item, *, numbers: bool = True, seconds: bool = False) -> str:
    """Return an entry in one line: when, who, on which case, what."""
    number = f"  #{entry['case_id']}" if numbers and entry["case_id"] is not None else ""
    return f"{clock(entry['at'], seconds=seconds)}  {who(entry)}{number}  {sentence(entry)}"
