"""What concerns the whole desk: its settings by name, with their defaults."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from data.schema import desk_settings
from data.transaction import Tx

_GET = select(desk_settings.c.value).where(desk_settings.c.name == bindparam("b_name"))
_SET = update(desk_settings).where(desk_settings.c.name == bindparam("b_name")).values(value=bindparam("b_value"))

DEFAULTS = {
    "name": "Service desk",
    "language": "en",
    "time_zone": "UTC",
    "after_reply": "waiting_customer",
    "fallback_queue": "",
    "case_types": '["question","problem","feature request"]',
    "reopen_days": "14",
    "calendar": "",
    "tags": "[]",
    "webhook_hosts": "[]",
    "webhook_networks": "[]",
    "webhook_secret": "",
}
"""Settings of the configuration's `desk` section, as text."""


def get(tx: Tx, name: str) -> str:
    """Return a setting, or its default."""
    value = tx.scalar(_GET, {"b_name": name})
    return DEFAULTS.get(name, "") if value is None else str(value)


def put(tx: Tx, name: str, value: str) -> None:
    """Store a setting."""
    if tx.execute(_SET, {"b_name": name, "b_value": value}).rowcount == 0:
        tx.execute(insert(desk_settings), {"name": name, "value": value})
