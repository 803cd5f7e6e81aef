"""The smallest change that a desk can record, for tests of what records it."""

from __future__ import annotations

from sqlalchemy import insert, select

from core.events import ContactCreated
from data.desk import Desk
from data.journal import START, Entry, Position
from data.schema import contacts
from data.transaction import Tx


def enters(tx: Tx, *names: str) -> list[int]:
    """Enter contacts, and record each."""
    made = []
    for name in names:
        number = tx.new_id(contacts)
        tx.execute(insert(contacts), {"id": number, "name": name, "created_at": tx.now})
        made.append(tx.record(ContactCreated(contact_id=number)))
    return made


def told(desk: Desk, after: Position = START) -> list[Entry]:
    return desk.entries_after(after)


def who(desk: Desk) -> list[str]:
    with desk.reading() as connection:
        return [name.raw for name in connection.execute(select(contacts.c.name).order_by(contacts.c.id)).scalars()]
