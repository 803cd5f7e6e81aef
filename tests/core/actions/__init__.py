"""Stories of the registry's actions, each on both databases."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from core.actions.cases import reply
from core.actions.registry import REGISTRY
from core.config.document import Document
from core.config.reading import read
from core.engine import outbox
from data.actor import ENGINE, INTAKE, LOCAL_ADMIN
from data.text import OutsideText
from intake.email.receive import Receipt, take
from intake.email.receive import read as read_mail
from tests.builders import Story, document

LENA = "lena@ortiz-farm.example"
CONFIGURATION = """\
desk:
  name: Ursa Major Solar
  time_zone: Europe/Berlin
  fallback_queue: tier-1
  tags: [vip, refund, outage]
  webhook_hosts: [hooks.example.org]
fields:
  product: {kind: text}
  power: {kind: number}
  warranty: {kind: flag}
  bought_at: {kind: moment}
  model: {kind: choice, choices: [Sun 3, "Sun 5, black"]}
  parts: {kind: choices, choices: [panel, cable, "fuse, 10 A"]}
queues:
  tier-2: {members: [tom]}
  empty: {members: []}
calendars:
  office: {zone: Europe/Berlin, week: {mon-fri: ["08:00-18:00"]}}
"""


def marked(more: str = "", **parts: Any) -> Document:
    """A desk with tags, fields of every kind and a second queue, and what `more` adds."""
    base = document(**parts)
    wanted, _ = read(CONFIGURATION + more, "desk.yaml", base)
    merged = {
        section: {**base.section(section), **wanted.section(section)}
        for section in type(base).model_fields
        if section != "desk"
    }
    return base.model_copy(update={**merged, "desk": wanted.desk})


def does(story: Story, who: str, name: str, /, **arguments: object) -> Any:
    """Do an action as an agent, the admin or the engine, and let the engine rest."""
    import core.actions.all  # noqa: F401 - makes the registry whole

    actor = {"admin": LOCAL_ADMIN, "engine": ENGINE}.get(who) or story.actor(who)
    result = story.desk.run(actor, partial(REGISTRY[name].call, **arguments))
    story.settle()
    return result


def comes(story: Story, number: int, sender: str, subject: str, *headers: str, text: str = "Hello") -> Receipt:
    """A mail arrives."""
    lines = [f"From: {sender}", f"Subject: {subject}", f"Message-ID: <{number}@x.example>", *headers]
    receipt = story.desk.run(INTAKE, take, read_mail(("\n".join(lines) + f"\n\n{text}\n").encode()))
    story.settle()
    return receipt


def sends_what_waits(story: Story) -> None:
    """The mail server takes everything."""
    for taken in story.desk.run(ENGINE, outbox.take_due, "mail"):
        story.desk.run(ENGINE, outbox.sent, taken)


def answers(story: Story, who: str, case: int, text: str = "Try this") -> str:
    """Answer a case, and return the Message-ID."""
    message = story.act(who, reply, case, text)
    return story.one("select mail_id from messages where id = ?", message)


def events(story: Story, kind: str) -> list[dict[str, Any]]:
    """What the journal says of a kind, oldest first."""
    found = story.all("select data from journal where kind = ? order by id", kind)
    return [each if isinstance(each, dict) else json.loads(_raw(each)) for (each,) in found]


def _raw(found: Any) -> str:
    return found.raw if isinstance(found, OutsideText) else str(found)


def value(story: Story, case: int, field: str) -> Any:
    """A case's value of a custom field as the desk's conditions know it."""
    from core import fields

    def look(tx: Any) -> Any:
        return fields.value_of(tx, fields.of_desk(tx)[field], case)

    return story.desk.run(ENGINE, look)


def column(story: Story, case: int, name: str) -> Any:
    """A column of a case."""
    return story.one(f"select {name} from cases where id = ?", case)
