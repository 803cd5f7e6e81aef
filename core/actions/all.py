"""Imports every module of actions, so that the registry is whole."""

from core.actions import (
    case_fields,
    case_links,
    cases,
    desk,
    drafts,
    escalating,
    later,
    mail,
    presence,
    sending,
    webhooks,
    work,
)

__all__ = [
    "case_fields",
    "case_links",
    "cases",
    "desk",
    "drafts",
    "escalating",
    "later",
    "mail",
    "presence",
    "sending",
    "webhooks",
    "work",
]
