"""A desk in the world: a real mailbox, a real mail server for its answers, a real engine process, and agents who act."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from core.actions import desk as desk_actions
from core.actions import presence, work
from core.config.document import (
    Address,
    Document,
    Imap,
    PresenceConfiguration,
    RoutingConfiguration,
    Secret,
    Smtp,
)
from core.config.document import Mailbox as ConfiguredMailbox
from core.verify import verify
from data.actor import LOCAL_ADMIN, Actor
from data.desk import Desk
from tests.builders import document
from tests.faults.engines import Engines, engines_of
from tests.faults.mails import SUPPORT
from tests.services import PASSWORD, Mailbox, Received, SmtpSink


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of the desk and where its password stands."""

    server: Mailbox
    password: Path
    addresses: Sequence[str]
    port: int


class World:
    """A desk, its surroundings and its people, by words."""

    def __init__(
        self, where: Path | str, folder: Path, boxes: Mapping[str, Box], sink: SmtpSink, engines: Engines, **parts: Any
    ) -> None:
        self.where = where
        self.folder, self.boxes, self.sink, self.engines = folder, boxes, sink, engines
        self.desk = Desk.create(where, name="a test", patience=30)
        self.parts = parts
        self.configure()

    def configure(self, boxes: Mapping[str, Box] | None = None, *, smtp_port: int | None = None) -> None:
        self.desk.run(LOCAL_ADMIN, desk_actions.apply, self.document(boxes or self.boxes, smtp_port or self.sink.port))

    def document(self, boxes: Mapping[str, Box], smtp_port: int) -> Document:
        wanted = document(
            **{
                "presence_configuration": PresenceConfiguration(status_after_timeout=None),
                "routing": RoutingConfiguration(push_timeout=300),
                "agents": ("maya", "tom"),
                **self.parts,
            }
        )
        mailboxes = {
            name: ConfiguredMailbox(
                imap=Imap(
                    host="127.0.0.1", port=box.port, tls="none", user=box.server.user,
                    password=Secret(file=str(box.password)),
                ),
                smtp=Smtp(host="127.0.0.1", port=smtp_port, tls="none"),
                sender=f"Ursa Major Solar <{box.addresses[0]}>",
                addresses={address: Address(queue="tier-1") for address in box.addresses},
            )
            for name, box in boxes.items()
        }  # fmt: skip
        return wanted.model_copy(update={"mailboxes": mailboxes})

    # -- mail

    def deliver(self, raw: bytes, box: str = "") -> None:
        """Deliver a mail into a mailbox of the desk, the first one unless another is named."""
        self.boxes[box or next(iter(self.boxes))].server.deliver(raw)

    def message(self, mail_id: str) -> Any:
        """Return the row of the message with a Message-ID, once it is there."""
        sql = "select id, case_id, direction, subject, text, auto, bounce, delivery, delivery_error from messages where mail_id = ?"
        return self.wait(lambda: self.row(sql, mail_id), f"the mail {mail_id} is a message")

    def case_of(self, mail_id: str) -> int:
        return int(self.message(mail_id).case_id)

    def arrives(self, raw: bytes, mail_id: str, box: str = "") -> int:
        """Deliver a mail and return its case's number."""
        self.deliver(raw, box)
        return self.case_of(mail_id)

    def receipts(self, count: int, state: str) -> None:
        """Wait until so many mails came to a state."""
        sql = "select count(*) from mail_receipts where state = ?"
        self.wait(lambda: self.one(sql, state) >= count, f"{count} mails are {state}")

    def sent(self, text: str) -> tuple[EmailMessage, Received]:
        """Return the answer with a text as the mail server got it, once it did."""
        found = self.wait(
            lambda: [each for each in list(self.sink.received) if text.encode() in each.raw], f"{text!r} is sent"
        )
        return parsed(found[0].raw), found[0]

    def delivery(self, message_id: int) -> tuple[str, Any]:
        row = self.row("select delivery, delivery_error from messages where id = ?", message_id)
        return row.delivery, row.delivery_error

    def is_delivered(self, message_id: int, state: str = "sent") -> None:
        self.wait(lambda: self.delivery(message_id)[0] == state, f"message {message_id} is {state}")

    # -- people

    def actor(self, name: str) -> Actor:
        row = self.row("select id, role from agents where name = ?", name)
        return Actor("agent", row.role, row.id, name)

    def act(self, name: str, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.desk.run(self.actor(name), action, *args, **kwargs)

    def present(self, *names: str, status: str = "available") -> None:
        for name in names:
            self.act(name, presence.set_status, name, status)

    def offered(self, case: int, name: str = "") -> str:
        """Return to whom a case is offered, once it is; to that agent, where one is named."""
        sql = """select a.name from assignments s join agents a on a.id = s.agent_id join work_items w on w.id = s.work_id
            where w.case_id = ? and s.state = 'offered'"""
        return str(
            self.wait(
                lambda: (found := self.one(sql, case)) and (not name or found == name) and found,
                f"case #{case} is offered",
            )
        )

    def work_of(self, case: int) -> int:
        return int(self.one("select max(id) from work_items where case_id = ?", case))

    def accepts(self, name: str, case: int) -> None:
        self.offered(case, name)
        self.act(name, work.accept, self.work_of(case))

    def status(self, case: int) -> str:
        return str(self.one("select status from cases where id = ?", case))

    # -- looking

    def row(self, sql: str, *params: object) -> Any:
        with self.desk.reading() as connection:
            return connection.exec_driver_sql(sql, params).first()

    def one(self, sql: str, *params: object) -> Any:
        row = self.row(sql, *params)
        return row[0] if row is not None else None

    def all(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        with self.desk.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, params)]

    def failure(self, box: str) -> str | None:
        sql = "select failure from mailbox_states s join mailboxes m on m.id = s.mailbox_id where m.name = ?"
        found: str | None = self.one(sql, box)
        return found

    def kinds(self, case: int) -> list[str]:
        return [kind for (kind,) in self.all("select kind from journal where case_id = ? order by id", case)]

    def wait(self, true: Callable[[], Any], what: str) -> Any:
        try:
            return self.engines.all[-1].wait(true, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.journal()}") from None

    def rests(self) -> None:
        """Wait until the engine has caught up with the journal."""
        sql = """select count(*) from journal j, cursors c where c.name = 'engine' and j.settled = 0 and j.id > c.event_id"""
        self.wait(lambda: self.one(sql) == 0, "the engine has caught up")

    def is_clean(self) -> None:
        """Wait until nothing is left to do, and ask verify."""
        self.rests()
        with self.desk.reading() as connection:
            found = verify(connection, deep=True)
        assert found == [], f"{found}\n{self.journal()}"

    def journal(self) -> str:
        rows = self.all(
            "select id, kind, actor_name, case_id, work_id, agent_id, data from journal order by id desc limit 40"
        )
        return "-- journal\n" + "\n".join(" ".join(map(str, row)) for row in reversed(rows))


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def box(server: Mailbox, folder: Path, *addresses: str, password: str = PASSWORD, port: int = 0) -> Box:
    path = folder / f"password of {server.user}"
    path.write_text(password + "\n")
    return Box(server, path, addresses or (SUPPORT,), port or server.server.port)


@contextmanager
def a_world(
    folder: Path, boxes: Mapping[str, Box], sink: SmtpSink, *, where: Path | str = "", **parts: Any
) -> Iterator[World]:
    """A desk whose engine runs; in the end the engine ends well and verify is content."""
    where = where or folder / "desk.db"
    with engines_of(where, folder) as engines:
        world = World(where, folder, boxes, sink, engines, **parts)
        try:
            engines.start().wait_acting()
            yield world
            world.is_clean()
            assert engines.all[-1].terminate() == 0
            assert world.one("select expires_at from engine_lease") == 0
        finally:
            print(world.journal())
            world.desk.close()
