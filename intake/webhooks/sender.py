"""The sender of webhook calls: each is made outside any transaction, under the key that it has in the outbox.

A receiver may get a call twice, where this process dies between the answer and the settling: the key tells it, in the body as `delivery`
and in the header `Deskline-Delivery`.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError

from core import settings
from core.access import ENGINE
from core.config.document import Secret
from core.engine import outbox
from core.errors import Unavailable
from core.webhooks import WebhookRefused, target_of
from data.clock import MICROSECONDS
from data.schema import desk_settings, webhook_calls
from intake.due_sender import DueSender
from intake.secret_sources import NoSecret, fetch_secret
from intake.webhooks.addresses import IpNetwork, Resolve, WebhookFailed, WebhookUnavailable
from intake.webhooks.call import Answer, call, signature

log = logging.getLogger("deskline.webhooks")

_CALL = select(webhook_calls.c.url, webhook_calls.c.body).where(webhook_calls.c.id == bindparam("b_id"))
_SETTINGS = ("webhook_hosts", "webhook_networks", "webhook_secret")
_VALUES = select(desk_settings.c.name, desk_settings.c.value).where(desk_settings.c.name.in_(_SETTINGS))


@dataclass(frozen=True, slots=True)
class _Rules:
    """Where webhooks may go now, and what their calls are signed with."""

    hosts: Collection[str]
    networks: Collection[IpNetwork]
    secret: Secret | None


class WebhookSender(DueSender):
    """Makes the desk's webhook calls."""

    kind = "webhook"
    resolve: Resolve = staticmethod(socket.getaddrinfo)
    context: ssl.SSLContext | None = None
    """How a name is looked up, and which certificates are trusted; a test has its own."""

    def deliver(self, rows: Sequence[outbox.Taken]) -> None:
        """Make each call, and settle its row."""
        for row in rows:
            self._deliver(row)

    def _deliver(self, row: outbox.Taken) -> None:
        pause_s: int | None = None
        try:
            with self._desk.reading() as connection:
                if not outbox.still_taken(connection, row):
                    return
                told = connection.execute(_CALL, {"b_id": row.webhook_id}).one()
                rules = _rules({each.name: each.value for each in connection.execute(_VALUES)})
            answer = self._called(told.url, told.body.raw.encode(), row.delivery_key, rules)
        except WebhookUnavailable as error:
            said, permanent, pause_s = str(error), False, error.retry_after_s
        except WebhookFailed as error:
            said, permanent = str(error), error.permanent
        except WebhookRefused as error:  # its host was allowed when it was queued, and is no longer
            said, permanent = str(error), True
        except (NoSecret, Unavailable, DBAPIError) as error:
            said, permanent = str(error), False
        except Exception as error:
            log.exception("webhook call %s could not be made", row.webhook_id)
            said, permanent = type(error).__name__, True
        else:
            self._desk.run(ENGINE, outbox.called, row, answer.status, answer.body)
            return
        self._desk.run(ENGINE, outbox.not_sent, row, said, permanent=permanent, pause_s=pause_s)

    def _called(self, url: str, body: bytes, key: str, rules: _Rules) -> Answer:
        headers = {"Deskline-Delivery": key}
        if rules.secret is not None:
            at_s = self._desk.clock() // MICROSECONDS
            headers["Deskline-Signature"] = signature(fetch_secret(rules.secret).encode(), at_s, body)
        target = target_of(url, rules.hosts)
        return call(target, body, headers, permitted=rules.networks, resolve=self.resolve, context=self.context)


def _rules(found: dict[str, str]) -> _Rules:
    values = {name: found.get(name, settings.DEFAULTS[name]) for name in _SETTINGS}
    secret = values["webhook_secret"]
    return _Rules(
        json.loads(values["webhook_hosts"]),
        [ip_network(each) for each in json.loads(values["webhook_networks"])],
        Secret.model_validate_json(secret) if secret else None,
    )
