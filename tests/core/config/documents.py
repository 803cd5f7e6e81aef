"""Documents that hold together, at random: names drawn from few, so that two documents overlap."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from core.config.document import (
    Address,
    Agent,
    Calendar,
    Channel,
    Classification,
    ClassificationRule,
    CustomField,
    Desk,
    Document,
    Imap,
    Mailbox,
    PresenceConfiguration,
    PresenceStatus,
    Queue,
    RoutingConfiguration,
    Secret,
    Smtp,
    Template,
    Variant,
    View,
)
from core.config.starter import starter

NAMES = ("no", "08", "1e3", "a", "b-1", "c.d", "12", "null", "2024-01-01", "on_hold")
TEXTS = (
    "Tier 1",
    "no",
    "08",
    "0x1F",
    "- a",
    "a: b",
    "#x",
    "'",
    '"',
    "~",
    " x ",
    "<<",
    "=",
    "%a",
    "é€😀",
    "\u200dx",
    "{a}",
    "1:30",
)
text = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1, max_size=200).filter(
    str.strip
)


class _Maker:
    """Builds one document from one number: drawing each field by itself took hypothesis a second a document."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def some(self, names: tuple[str, ...], least: int = 0) -> tuple[str, ...]:
        return tuple(self.random.sample(names, self.random.randint(min(least, len(names)), min(4, len(names)))))

    def maybe(self, values: tuple[Any, ...]) -> Any:
        return self.random.choice((None, *values))

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def amount(self, least: int = 0) -> Decimal:
        return Decimal(self.random.choice((self.random.randint(least, 1_000_000), 1000, 200, 1500))) / 1000

    def duration(self, least: int = 0) -> int:
        return self.random.choice((self.random.randint(least, 3650 * 86400), 60, 90, 3600, 5400, 86400))

    def flag(self) -> bool:
        return self.random.random() < 0.5

    def secret(self) -> Secret:
        sources = (Secret(command=self.text()), Secret(file=self.text()), Secret(env="DESK_PASSWORD"))
        return self.random.choice(sources)

    def status(self, channels: tuple[str, ...]) -> PresenceStatus:
        kind = self.random.choice(("available", "busy", "offline"))
        served = self.some(channels, 1) if kind == "available" else ()
        return PresenceStatus(label=self.text(), kind=kind, channels=served)

    def mailbox(self, name: str, queues: tuple[str, ...], types: tuple[str, ...], fallback: bool) -> Mailbox:
        port = self.maybe((1, 993, 65535))
        imap = Imap(host=self.text(), port=port, user=self.text(), password=self.secret(), start="new")
        smtp = Smtp(host=self.text(), port=port)
        if self.flag():
            smtp = Smtp(host=self.text(), tls="none", user=self.text(), password=self.secret())
        addresses = {
            f"{prefix}@{name}.example": Address(
                queue=self.maybe(queues) if fallback else self.random.choice(queues),
                priority=self.random.randint(1, 5),
                type=self.maybe(types),
                language=self.maybe(("no", "pt-BR")),
            )
            for prefix in self.some(("support", "office", "08", "no"), 1)
        }
        sender = f"Desk <desk@{name}.example>"
        return Mailbox(imap=self.maybe((imap,)), smtp=self.maybe((smtp,)), sender=sender, addresses=addresses)

    def intervals(self, least: int = 0) -> tuple[str, ...]:
        return self.some(("00:00-06:00", "08:00-12:00", "13:00-17:30", "18:00-24:00"), least)

    def calendar(self) -> Calendar:
        days = self.random.choice((("mon-fri", "sat", "sun"), ("mon", "tue", "wed-thu"), ("mon-sun",), ("fri",)))
        return Calendar(
            zone=self.maybe(("Europe/Berlin", "Australia/Lord_Howe")),
            week={day: self.intervals(1) for day in days},
            holidays=self.some(("NO", "DE-BY", "FR")),
            exceptions={day: self.intervals() for day in self.some(("2026-12-24", "2026-12-31", "1970-01-01"))},
        )

    def field(self) -> CustomField:
        kind = self.random.choice(("text", "number", "flag", "moment", "choice", "choices"))
        return CustomField(label=self.text(), kind=kind, choices=self.some(TEXTS, 1) if kind[:6] == "choice" else ())

    def passage(self) -> str:
        return "\n".join(self.text() for _ in range(self.random.randint(1, 3)))

    def view(self) -> View:
        columns = tuple(self.some(("case.priority", "contact.name", "case.tags")))
        return View(label=self.text(), where="case.priority > 2\n and true", columns=columns)

    def template(self) -> Template:
        languages = {tag: Variant(subject=self.text(), text=self.passage()) for tag in self.some(("no", "de", "pt-BR"))}
        text = self.passage() + "\n{{ case.subject }}"
        return Template(label=self.text(), subject="{{ case.number }}", text=text, languages=languages)

    def classification(self, types: tuple[str, ...]) -> Classification:
        rules = [
            ClassificationRule(
                when=f"case.priority {sign} {self.random.randint(1, 5)}",
                sets={"type": self.random.choice(types), "level": self.random.randint(1, 9)},
                reason=self.text(),
            )
            for sign in self.some(("==", "<", ">="), 1)
        ]
        return Classification(rules=tuple(rules))

    def document(self) -> Document:
        channels = ("email", *self.some(NAMES))
        statuses = ("available", "away", "offline", *self.some(NAMES))
        ways, routings = ("standard", *self.some(NAMES)), ("normal", *self.some(NAMES))
        queues, agents, mailboxes = self.some(NAMES, 1), self.some(NAMES), self.some(NAMES)
        routing = {queue: self.maybe(routings) for queue in queues}
        routed = tuple(queue for queue in queues if routing[queue])
        types, fallback = self.some(TEXTS, 1), self.maybe(routed)
        calendars = self.some(NAMES)
        return Document(
            desk=Desk(
                name=self.text(),
                language="no",
                time_zone=self.random.choice(("UTC", "Europe/Berlin")),
                fallback_queue=fallback,
                case_types=types,
                reopen_days=self.random.randint(0, 3650),
                tags=self.some(TEXTS),
                calendar=self.maybe(calendars),
                webhook_hosts=("*.hooks.example", "no.example:8443") if self.flag() else (),
                webhook_networks=("10.0.5.0/24",) if self.flag() else (),
                webhook_secret=self.maybe((self.secret(),)),
            ),
            fields={name: self.field() for name in self.some(("no", "a", "c_d", "null"))},
            calendars={name: self.calendar() for name in calendars},
            channels={
                name: Channel(
                    label=self.text(),
                    weight=self.amount(),
                    paused_weight=self.amount(),
                    sign_out=self.random.choice(("keep", "requeue-all")),
                    fallback_queue=self.maybe(routed),
                )
                for name in channels
            },
            presence_statuses={name: self.status(channels) for name in statuses},
            presence_configurations={
                name: PresenceConfiguration(
                    capacity=self.amount(1),
                    auto_accept=self.flag(),
                    decline_reasons=self.some(TEXTS),
                    status_after_decline=self.maybe(statuses),
                    status_after_timeout=self.maybe(statuses),
                    wrap_up=self.duration(),
                    grace=self.duration(),
                )
                for name in ways
            },
            routing_configurations={
                name: RoutingConfiguration(
                    priority=self.random.randint(1, 5),
                    push_timeout=self.duration(1),
                    weight=self.maybe((self.amount(),)),
                )
                for name in routings
            },
            queues={
                name: Queue(label=self.text(), routing=routing[name], members=self.some(agents)) for name in queues
            },
            agents={
                name: Agent(name=self.text(), email=self.maybe(("a@b.example",)), presence=self.random.choice(ways))
                for name in agents
            },
            mailboxes={name: self.mailbox(name, queues, types, fallback is not None) for name in mailboxes},
            templates={name: self.template() for name in self.some(NAMES)},
            classifications={name: self.classification(types) for name in self.some(NAMES)},
            views={name: self.view() for name in self.some(NAMES)},
        )


def documents() -> st.SearchStrategy[Document]:
    """A whole desk: the starter's entries, and more."""
    return st.integers(0, 2**32).map(lambda seed: _Maker(seed).document())


def desk_with(**sections: Any) -> Document:
    """The starter with more in it."""
    start = starter()
    merged = {
        section: {**start.section(section), **entries} if section != "desk" else entries
        for section, entries in sections.items()
    }
    return start.model_copy(update=merged)
