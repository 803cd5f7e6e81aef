"""Contacts and accounts: who writes, recognised by address, and the company, recognised by the address's domain."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from core.errors import NotFound
from core.events import ContactCreated
from data.inserts import add_missing
from data.schema import accounts, contact_points, contacts
from data.text import OutsideText
from data.transaction import Tx

_POINT = (
    select(contact_points.c.contact_id, contacts.c.account_id, contacts.c.merged_into_id, contacts.c.name)
    .join(contacts, contacts.c.id == contact_points.c.contact_id)
    .where(contact_points.c.kind == bindparam("b_kind"), contact_points.c.folded == bindparam("b_folded"))
)
_CONTACT = select(contacts.c.id, contacts.c.account_id, contacts.c.merged_into_id).where(
    contacts.c.id == bindparam("b_id")
)
_ACCOUNT = select(accounts.c.id).where(accounts.c.domain == bindparam("b_domain")).order_by(accounts.c.id).limit(1)
_NEW = insert(contacts)
_NOT_NEEDED = delete(contacts).where(contacts.c.id == bindparam("b_id"))
_NAME_OF = select(contacts.c.name).where(contacts.c.id == bindparam("b_id"))
_LANGUAGE = select(contacts.c.language).where(contacts.c.id == bindparam("b_id"))
_NAME = update(contacts).where(contacts.c.id == bindparam("b_id")).values(name=bindparam("b_name"))
_ADDRESS = (
    select(contact_points.c.value)
    .where(contact_points.c.contact_id == bindparam("b_contact"), contact_points.c.kind == "email")
    .order_by(contact_points.c.id.desc())
    .limit(1)
)


class Known(NamedTuple):
    """A contact and the account that the contact belongs to, if any."""

    contact_id: int
    account_id: int | None


def fold_address(address: str) -> str:
    """Return a mail address as it is compared: without surrounding blanks, case folded."""
    return address.strip().casefold()


def find_by_address(tx: Tx, address: str) -> Known | None:
    """Return the contact who is known by a mail address, through merges, or None."""
    row = tx.first(_POINT, {"b_kind": "email", "b_folded": fold_address(address)})
    return None if row is None else _through_merges(tx, row.contact_id, row.account_id, row.merged_into_id)


def find_by_id(tx: Tx, contact_id: int) -> Known:
    """Return a contact by its id, through merges.

    Raises:
        NotFound: there is none of that id.
    """
    row = tx.first(_CONTACT, {"b_id": contact_id})
    if row is None:
        raise NotFound(what="contact", which=str(contact_id))
    return _through_merges(tx, row.id, row.account_id, row.merged_into_id)


def _through_merges(tx: Tx, contact_id: int, account_id: int | None, merged: int | None) -> Known:
    while merged is not None:
        target = tx.first(_CONTACT, {"b_id": merged})
        if target is None:
            break
        contact_id, account_id, merged = target.id, target.account_id, target.merged_into_id
    return Known(contact_id, account_id)


def identify(tx: Tx, address: str, name: str) -> Known:
    """Return the contact behind a mail address, made now if nobody knew the address. The first name given is kept."""
    known = find_by_address(tx, address)
    if known is not None:
        row = tx.first(_NAME_OF, {"b_id": known.contact_id})
        if name.strip() and row is not None and not row.name:
            tx.execute(_NAME, {"b_id": known.contact_id, "b_name": name.strip()})
        return known
    domain = fold_address(address).rpartition("@")[2]
    account_id = tx.scalar(_ACCOUNT, {"b_domain": domain}) if domain else None
    contact_id = tx.new_id(contacts)
    tx.execute(_NEW, {"id": contact_id, "name": name.strip(), "account_id": account_id, "created_at": tx.now})
    point = {
        "id": tx.new_id(contact_points),
        "contact_id": contact_id,
        "kind": "email",
        "value": address.strip(),
        "folded": fold_address(address),
    }
    if not add_missing(tx, contact_points, point):
        other = find_by_address(tx, address)
        if other is not None:  # another transaction made the contact meanwhile
            tx.execute(_NOT_NEEDED, {"b_id": contact_id})
            return other
    tx.record(ContactCreated(contact_id=contact_id))
    return Known(contact_id, account_id)


def add_named(tx: Tx, name: str) -> Known:
    """Return a new contact of whom only a name is known, as of somebody who calls."""
    contact_id = tx.new_id(contacts)
    tx.execute(_NEW, {"id": contact_id, "name": name.strip(), "account_id": None, "created_at": tx.now})
    tx.record(ContactCreated(contact_id=contact_id))
    return Known(contact_id, None)


def language(tx: Tx, contact_id: int | None) -> str | None:
    """Return the language of a contact, or None where it is not known."""
    found: str | None = tx.scalar(_LANGUAGE, {"b_id": contact_id})
    return found


def mail_address(tx: Tx, contact_id: int) -> OutsideText | None:
    """Return the mail address that a contact was last known by, or None."""
    found: OutsideText | None = tx.scalar(_ADDRESS, {"b_contact": contact_id})
    return found
