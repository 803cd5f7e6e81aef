"""The configuration of a desk as one frozen value: what an admin sets up, by section and name.

An entry that leaves a field out has that field's default, always: there is no third state "as it was". What names
something else (a queue its members) is checked in `checks`, since the other may be on the desk already and not in the
file.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from core.config.hosts import Hosts, Networks
from core.config.values import (
    Capacity,
    Choices,
    Columns,
    Command,
    Duration,
    Exact,
    Label,
    Language,
    Line,
    MailAddress,
    Name,
    Names,
    Passage,
    Pause,
    Priority,
    Scalar,
    Sender,
    Text,
    TimeZone,
    Variable,
    Weight,
    refusal,
    whole,
)
from core.config.weeks import Exceptions, Regions, Week


class Entry(BaseModel):
    """What every part of the document has in common: no unknown fields, and no change after it was made."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class Secret(Entry):
    """Where a password comes from; the password itself is never in the document."""

    command: Command | None = None
    file: Command | None = None
    env: Variable | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Secret:
        if sum(source is not None for source in (self.command, self.file, self.env)) != 1:
            raise refusal("expected exactly one of command, file and env")
        return self


class Desk(Entry):
    """The desk itself. The fallback queue takes what nothing else placed, the calendar counts where nothing else names one.

    Without a calendar the desk is always open. Webhooks reach only `webhook_hosts`, such as `hooks.example.org` and `*.example.org`,
    and private addresses only within `webhook_networks`, such as `10.0.5.0/24`; calls are signed with `webhook_secret`.
    """

    name: Text = "Service desk"
    language: Language = "en"
    time_zone: TimeZone = "UTC"
    after_reply: Literal["open", "waiting_customer", "resolved"] = "waiting_customer"
    fallback_queue: Name | None = None
    case_types: Choices = ("question", "problem", "feature request")
    reopen_days: Annotated[int, whole(0, 3650)] = 14
    tags: Choices = ()
    calendar: Name | None = None
    webhook_hosts: Hosts = ()
    webhook_networks: Networks = ()
    webhook_secret: Secret | None = None


class Calendar(Entry):
    """When somebody works: a week of intervals, without holidays. An exception says all about its date.

    Intervals are times on the wall in the zone, the desk's where none is named, up to 24:00: `mon-fri: ["08:00-12:00", "13:00-17:30"]`.
    A holiday is closed all day: `holidays: [DE-BY, FR]` names countries or parts of one. `exceptions: {"2026-12-24": ["08:00-12:00"]}`
    opens a date, `[]` closes it. A calendar that is closed for 400 days at a stretch is refused.
    """

    zone: TimeZone | None = None
    week: Week
    holidays: Regions = ()
    exceptions: Exceptions = {}


class Channel(Entry):
    """A way in. The weight counts in an agent's capacity, the smaller one while the work waits for the customer."""

    label: Label = ""
    weight: Weight = Decimal(1)
    paused_weight: Weight = Decimal("0.2")
    sign_out: Literal["keep", "requeue-unopened", "requeue-all"] = "keep"
    fallback_queue: Name | None = None


class PresenceStatus(Entry):
    """What an agent may choose to be. `kind` has no default: a status turned busy by omission stops the work."""

    label: Label = ""
    kind: Literal["available", "busy", "offline"]
    channels: Names = ()

    @model_validator(mode="after")
    def _channels_fit_the_kind(self) -> PresenceStatus:
        if self.kind == "available" and not self.channels:
            raise refusal("the kind is available, but channels names none", "Such as channels: [email].")
        if self.kind != "available" and self.channels:
            raise refusal(f"channels belong to the kind available, and this one is {self.kind}")
        return self


class PresenceConfiguration(Entry):
    """How work reaches an agent: how much, how it is accepted, what follows when it is not."""

    capacity: Capacity = Decimal(6)
    auto_accept: StrictBool = False
    decline_allowed: StrictBool = True
    decline_reason_required: StrictBool = False
    decline_reasons: Choices = ()
    status_after_decline: Name | None = None
    status_after_timeout: Name | None = "away"
    wrap_up: Duration = 0
    grace: Duration = 120


class RoutingConfiguration(Entry):
    """How a queue's work is pushed. Lower priorities go first; a weight here overrides the channel's."""

    priority: Priority = 5
    model: Literal["least-active"] = "least-active"
    push_timeout: Pause = 60
    weight: Weight | None = None
    round_pause: Pause = 30


class Agent(Entry):
    """A person who works at the desk."""

    name: Text
    email: MailAddress | None = None
    role: Literal["agent", "supervisor", "admin"] = "agent"
    presence: Name = "standard"


class Queue(Entry):
    """Where work waits. Without a routing configuration nobody is offered it: people take it by hand."""

    label: Label = ""
    routing: Name | None = "normal"
    members: Names = ()


class Imap(Entry):
    """Where mail is fetched. Without a port it is the usual one: 993 with tls, else 143."""

    host: Text
    port: Annotated[int, whole(1, 65535)] | None = None
    tls: Literal["tls", "starttls", "none"] = "tls"
    user: Exact
    password: Secret
    folder: Exact = "INBOX"
    start: Literal["all", "new"] = "all"

    def port_number(self) -> int:
        """The port to connect to."""
        return self.port or (993 if self.tls == "tls" else 143)


class Smtp(Entry):
    """Where answers are handed over. Without a port it is the usual one: 465 with tls, 587 with starttls, else 25."""

    host: Text
    port: Annotated[int, whole(1, 65535)] | None = None
    tls: Literal["tls", "starttls", "none"] = "starttls"
    user: Exact | None = None
    password: Secret | None = None

    def port_number(self) -> int:
        """The port to connect to."""
        return self.port or {"tls": 465, "starttls": 587, "none": 25}[self.tls]

    @model_validator(mode="after")
    def _signs_in_wholly_or_not(self) -> Smtp:
        if (self.user is None) != (self.password is None):
            raise refusal("expected user and password, or neither of them")
        return self


class Address(Entry):
    """What a case gets that was written to this address. Without a queue it goes to the fallback queue."""

    queue: Name | None = None
    priority: Priority = 3
    type: Text | None = None
    language: Language | None = None


class Mailbox(Entry):
    """An account with its addresses. Without `imap` mail comes by `mail pipe`; without `smtp` nothing is sent."""

    imap: Imap | None = None
    smtp: Smtp | None = None
    sender: Sender = Field(validation_alias="from", serialization_alias="from")
    addresses: Annotated[Mapping[MailAddress, Address], Field(min_length=1)]


class CustomField(Entry):
    """A field of each case beyond those that every desk has; conditions call it `case.NAME`.

    A number has at most six decimals. A choice is one of `choices`, the kind choices any number of them.
    """

    label: Label = ""
    kind: Literal["text", "number", "flag", "moment", "choice", "choices"] = "text"
    choices: Choices = ()

    @model_validator(mode="after")
    def _choices_fit_the_kind(self) -> CustomField:
        if self.kind.startswith("choice") and not self.choices:
            raise refusal(f"the kind is {self.kind}, but choices names none", "Such as choices: [small, large].")
        if self.choices and not self.kind.startswith("choice"):
            raise refusal(f"choices belong to the kinds choice and choices, and this one is {self.kind}")
        return self


class Variant(Entry):
    """A template's subject and text in another language."""

    subject: Line
    text: Passage


class Template(Entry):
    """A mail as it is written again and again: subject, and a text in Markdown, in the desk's language and in others.

    What stands in `{{ }}` is put in: `{{ contact.name | default("there") }}`. What is between `{% if case.priority >= 4 %}` and
    `{% endif %}` is left out where that does not hold. A customer gets the variant of the case's language, else that of the language
    without its country, else the first one.
    """

    label: Label = ""
    subject: Line
    text: Passage
    languages: Mapping[Language, Variant] = {}


class ClassificationRule(Entry):
    """When the condition holds, the fields in `set` get these values, and `reason` says why."""

    when: Passage
    sets: Annotated[Mapping[Name, Scalar], Field(min_length=1, validation_alias="set", serialization_alias="set")]
    reason: Text


class Classification(Entry):
    """Rules that give a case its type, priority, level, language and custom fields. Each field is set by the first rule that holds."""

    rules: Annotated[tuple[ClassificationRule, ...], Field(min_length=1)]


class View(Entry):
    """A list of cases for everybody: those for which the condition is true. `columns` names the fields that stand beside the subject."""

    label: Label = ""
    where: Passage
    columns: Columns = ()


class Document(Entry):
    """A desk's configuration, or the part of it that a file names. `desk` counts as named when it was given."""

    desk: Desk = Desk()
    fields: Mapping[Name, CustomField] = {}
    calendars: Mapping[Name, Calendar] = {}
    channels: Mapping[Name, Channel] = {}
    presence_statuses: Mapping[Name, PresenceStatus] = {}
    presence_configurations: Mapping[Name, PresenceConfiguration] = {}
    routing_configurations: Mapping[Name, RoutingConfiguration] = {}
    queues: Mapping[Name, Queue] = {}
    agents: Mapping[Name, Agent] = {}
    mailboxes: Mapping[Name, Mailbox] = {}
    templates: Mapping[Name, Template] = {}
    classifications: Mapping[Name, Classification] = {}
    views: Mapping[Name, View] = {}

    def section(self, section: str) -> Mapping[str, Entry]:
        """The entries of a section by name; `desk` has one, and its name is empty."""
        entries: Mapping[str, Entry] = {"": self.desk} if section == "desk" else getattr(self, section)
        return entries

    def names_desk(self) -> bool:
        """Whether the desk itself was stated: a file without a `desk` section leaves it as it is."""
        return "desk" in self.model_fields_set


# In the order of the document, which is the order of an export.
SECTIONS: Mapping[str, type[Entry]] = {
    "desk": Desk,
    "fields": CustomField,
    "calendars": Calendar,
    "channels": Channel,
    "presence_statuses": PresenceStatus,
    "presence_configurations": PresenceConfiguration,
    "routing_configurations": RoutingConfiguration,
    "queues": Queue,
    "agents": Agent,
    "mailboxes": Mailbox,
    "templates": Template,
    "classifications": Classification,
    "views": View,
}
SINGULAR: Mapping[str, str] = {
    "desk": "desk",
    "fields": "field",
    "calendars": "calendar",
    "channels": "channel",
    "presence_statuses": "presence status",
    "presence_configurations": "presence configuration",
    "routing_configurations": "routing configuration",
    "queues": "queue",
    "agents": "agent",
    "mailboxes": "mailbox",
    "templates": "template",
    "classifications": "classification",
    "views": "view",
}
