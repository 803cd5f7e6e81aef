"""What the desk tells other systems: webhooks, called by the outbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from core import cases, settings
from core.actions.registry import action
from core.conditions.at_desk import at_desk
from core.conditions.case_fields import facts_of
from core.conditions.fields import Vocabulary
from core.conditions.types import Facts, Value
from core.engine import outbox
from core.errors import NotFound, WrongUsage
from core.events import WebhookQueued
from core.webhooks import target_of
from data.queries import fetch_over
from data.schema import outbox as outbox_rows
from data.schema import webhook_calls
from data.text import OutsideText, storable
from data.transaction import Tx

LONGEST_BODY = 256 * 1024
"""In bytes."""
_RECORDS = ("case", "contact", "account", "agent", "queue")
_MADE = (
    select(outbox_rows.c.id, outbox_rows.c.state, webhook_calls.c.url, webhook_calls.c.case_id)
    .join(webhook_calls, webhook_calls.c.id == outbox_rows.c.webhook_id)
    .where(outbox_rows.c.webhook_id == bindparam("b_webhook"))
    .with_for_update(of=outbox_rows)
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@action("webhook.call", touches=("outside",))
def call(tx: Tx, url: str, *, case: int | None = None, data: Mapping[str, Any] | None = None) -> int:
    """Call a webhook and return the id of the call: a POST of JSON, tried again with growing pauses, under a key that stays the same.

    Args:
        url: where; its host is one of the desk's `webhook_hosts`, and leads to no private address outside `webhook_networks`.
        case: the number of a case, which is told with its contact, account, owner and queue.
        data: what else is told, under `data`.
    """
    target = target_of(url, json.loads(settings.get(tx, "webhook_hosts")))
    webhook_id = tx.new_id(webhook_calls)
    key = hashlib.sha256(f"{settings.get(tx, 'reply_key')} webhook {webhook_id}".encode()).hexdigest()[:32]
    told: dict[str, object] = {"delivery": key, "at": _written(tx.now)}
    if case is not None:
        told |= _facts(tx, cases.load(tx, case).id)
    if data:
        told["data"] = data
    try:
        body = storable(json.dumps(told, ensure_ascii=False, allow_nan=False, default=_plain))
    except ValueError:
        raise WrongUsage(reason="A webhook is told numbers that are finite, in lists and mappings that end.") from None
    if len(body.encode()) > LONGEST_BODY:
        raise WrongUsage(reason=f"A webhook is told at most {LONGEST_BODY:,} bytes.")
    tx.execute(
        insert(webhook_calls),
        {"id": webhook_id, "case_id": case, "url": url, "body": OutsideText(body), "created_at": tx.now},
    )
    tx.record(WebhookQueued(case_id=case, webhook_id=webhook_id, host=target.server))
    outbox.queue_webhook(tx, webhook_id, key)
    return webhook_id


@action("webhook.send_again", touches=("outside",))
def send_again(tx: Tx, webhook: int) -> bool:
    """Make a call that was given up once more, under the key that it has; return False where it was not given up.

    Args:
        webhook: the number of the call.
    """
    row = tx.first(_MADE, {"b_webhook": webhook})
    if row is None:
        raise NotFound(what="webhook call", which=str(webhook))
    if row.state != "failed":
        return False
    target = target_of(row.url, json.loads(settings.get(tx, "webhook_hosts")))
    tx.record(WebhookQueued(case_id=row.case_id, webhook_id=webhook, host=target.server))
    cause = tx.latest
    again = {"state": "queued", "tries": 0, "due_at": tx.now, "error": None, "ended_at": None}
    following = {"cause_id": cause.event_id, "chain_id": cause.chain_id, "depth": cause.depth}
    tx.execute(update(outbox_rows).where(outbox_rows.c.id == row.id).values(**again, **following))
    return True


def _facts(tx: Tx, case: int) -> dict[str, object]:
    """Return what a desk knows of a case, by record and field; what is missing is null."""
    fetch = fetch_over(tx.connection)
    vocabulary = at_desk(fetch, tx.now).vocabulary
    paths = [path for path, each in vocabulary.fields.items() if each.record in _RECORDS]
    facts = facts_of(fetch, vocabulary, paths, case) or {}
    return {record: _record(vocabulary, facts, record) for record in _RECORDS}


def _record(vocabulary: Vocabulary, facts: Facts, record: str) -> dict[str, object]:
    return {
        path.partition(".")[2]: _written(value) if vocabulary.fields[path].type.kind == "time" else value
        for path, value in facts.items()
        if vocabulary.fields[path].record == record
    }


def _written(at: Value) -> str | None:
    return None if at is None else (_EPOCH + timedelta(microseconds=int(str(at)))).isoformat()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    raise WrongUsage(reason=f"A webhook cannot be told {value!r}.")
