"""Custom fields, tags, links and merges of cases; templates, classifications and views; webhook calls and delayed actions."""

import json
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Integer,
    PrimaryKeyConstraint,
    Text,
    text,
)

revision = "0004"
down_revision = "0003"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add the tables and columns, and note the links that the journal knows."""
    _configuration()
    _of_cases()
    _outbox()
    _known_links()


def _configuration() -> None:
    _named(
        "custom_fields",
        Column("label", Text, nullable=False),
        Column(
            "kind",
            Text,
            CheckConstraint(
                "kind in ('text', 'number', 'flag', 'moment', 'choice', 'choices')", name=op.f("ck_custom_fields_kind")
            ),
            nullable=False,
        ),
        Column("choices", Text, nullable=False, server_default=text("'[]'")),
    )
    _named(
        "templates",
        Column("label", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("languages", Text, nullable=False, server_default=text("'{}'")),
    )
    _named("classifications", Column("rules", Text, nullable=False))
    _named(
        "views",
        Column("label", Text, nullable=False),
        Column("condition", Text, nullable=False),
        Column("columns", Text, nullable=False, server_default=text("'[]'")),
    )


def _named(name: str, *columns: Column[Any]) -> None:
    op.create_table(
        name,
        Column("id", WHOLE, Identity(), nullable=False),
        Column("name", Text, nullable=False),
        *columns,
        Column("active", WHOLE, nullable=False, server_default=text("1")),
        CheckConstraint("active in (0, 1)", name=op.f(f"ck_{name}_active")),
        PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
    op.create_index(f"uq_{name}_name", name, ["name"], unique=True)


def _of_cases() -> None:
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE cases ADD COLUMN level {whole} DEFAULT 1 NOT NULL "
        "CONSTRAINT ck_cases_level CHECK (level between 1 and 9)"
    )
    op.add_column("cases", Column("flag", Text))
    op.add_column("cases", Column("flagged_at", WHOLE))
    op.add_column("messages", Column("html", Text))
    op.create_table(
        "case_tags",
        Column("case_id", WHOLE, nullable=False),
        Column("tag", Text, nullable=False),
        PrimaryKeyConstraint("case_id", "tag", name=op.f("pk_case_tags")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_tags_case_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_tags_tag", "case_tags", ["tag"])
    op.create_table(
        "case_values",
        Column("field_id", WHOLE, nullable=False),
        Column("case_id", WHOLE, nullable=False),
        Column("position", WHOLE, nullable=False, server_default=text("0")),
        Column("text", Text),
        Column("number", WHOLE),
        PrimaryKeyConstraint("field_id", "case_id", "position", name=op.f("pk_case_values")),
        CheckConstraint("(text is null) <> (number is null)", name=op.f("ck_case_values_one_value")),
        ForeignKeyConstraint(["field_id"], ["custom_fields.id"], name=op.f("fk_case_values_field_id")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_values_case_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_values_case_id", "case_values", ["case_id"])
    there = text("number is not null")
    op.create_index(
        "ix_case_values_number", "case_values", ["field_id", "number"], sqlite_where=there, postgresql_where=there
    )
    op.create_table(
        "case_links",
        Column("case_id", WHOLE, nullable=False),
        Column("other_id", WHOLE, nullable=False),
        Column("why", Text, nullable=False),
        Column("at", WHOLE, nullable=False),
        PrimaryKeyConstraint("case_id", "other_id", name=op.f("pk_case_links")),
        CheckConstraint("case_id <> other_id", name=op.f("ck_case_links_two_cases")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_links_case_id")),
        ForeignKeyConstraint(["other_id"], ["cases.id"], name=op.f("fk_case_links_other_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_links_other_id", "case_links", ["other_id"])
    op.create_table(
        "case_redirects",
        Column("case_id", WHOLE, nullable=False),
        Column("into_id", WHOLE, nullable=False),
        Column("at", WHOLE, nullable=False),
        PrimaryKeyConstraint("case_id", name=op.f("pk_case_redirects")),
        CheckConstraint("case_id <> into_id", name=op.f("ck_case_redirects_two_cases")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_redirects_case_id")),
        ForeignKeyConstraint(["into_id"], ["cases.id"], name=op.f("fk_case_redirects_into_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_case_redirects_into_id", "case_redirects", ["into_id"])
    op.create_table(
        "delayed_actions",
        Column("id", WHOLE, Identity(), nullable=False),
        Column("action", Text, nullable=False),
        Column("arguments", Text, nullable=False),
        Column("case_id", WHOLE),
        Column("actor_kind", Text, nullable=False),
        Column("actor_id", WHOLE),
        Column("actor_name", Text, nullable=False),
        Column("actor_role", Text, nullable=False),
        Column("created_at", WHOLE, nullable=False),
        PrimaryKeyConstraint("id", name=op.f("pk_delayed_actions")),
        sqlite_strict=True,
    )


_OUTBOX = (
    "id, kind, delivery_key, message_id, mailbox_id, state, tries, due_at, error, created_at, ended_at, cause_id, chain_id, depth"
)


def _outbox() -> None:
    """Add webhook calls, and let the outbox carry them. SQLite cannot change a check, so the table is made anew there."""
    op.create_table(
        "webhook_calls",
        Column("id", WHOLE, Identity(), nullable=False),
        Column("case_id", WHOLE),
        Column("url", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", WHOLE, nullable=False),
        Column("status", WHOLE),
        Column("answer", Text),
        PrimaryKeyConstraint("id", name=op.f("pk_webhook_calls")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_webhook_calls_case_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_webhook_calls_case_id", "webhook_calls", ["case_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_outbox_due", "outbox")
        op.drop_constraint(op.f("ck_outbox_kind"), "outbox")
        op.create_check_constraint(op.f("ck_outbox_kind"), "outbox", "kind in ('mail', 'webhook')")
        op.add_column("outbox", Column("webhook_id", WHOLE))
        op.create_foreign_key(op.f("fk_outbox_webhook_id"), "outbox", "webhook_calls", ["webhook_id"], ["id"])
        op.create_check_constraint(
            op.f("ck_outbox_what_is_sent"), "outbox", "(kind = 'webhook') = (webhook_id is not null)"
        )
    else:
        op.execute(f"create temporary table outbox_before as select {_OUTBOX} from outbox")
        op.drop_table("outbox")
        _make_outbox()
        op.execute(f"insert into outbox ({_OUTBOX}) select {_OUTBOX} from outbox_before")
        op.execute("drop table outbox_before")
    to_send = text("state in ('queued', 'sending')")
    op.create_index("ix_outbox_due", "outbox", ["kind", "due_at"], sqlite_where=to_send, postgresql_where=to_send)


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        Column("id", WHOLE, Identity(), nullable=False),
        Column(
            "kind", Text, CheckConstraint("kind in ('mail', 'webhook')", name=op.f("ck_outbox_kind")), nullable=False
        ),
        Column("delivery_key", Text, nullable=False),
        Column("message_id", WHOLE),
        Column("mailbox_id", WHOLE),
        Column(
            "state",
            Text,
            CheckConstraint("state in ('queued', 'sending', 'sent', 'failed')", name=op.f("ck_outbox_state")),
            nullable=False,
            server_default=text("'queued'"),
        ),
        Column("tries", WHOLE, nullable=False, server_default=text("0")),
        Column("due_at", WHOLE, nullable=False),
        Column("error", Text),
        Column("created_at", WHOLE, nullable=False),
        Column("ended_at", WHOLE),
        Column("cause_id", WHOLE),
        Column("chain_id", WHOLE),
        Column("depth", WHOLE, nullable=False, server_default=text("0")),
        Column("webhook_id", WHOLE),
        PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        CheckConstraint("(kind = 'webhook') = (webhook_id is not null)", name=op.f("ck_outbox_what_is_sent")),
        ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_outbox_message_id")),
        ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name=op.f("fk_outbox_mailbox_id"), ondelete="SET NULL"
        ),
        ForeignKeyConstraint(["webhook_id"], ["webhook_calls.id"], name=op.f("fk_outbox_webhook_id")),
        sqlite_strict=True,
    )
    op.create_index("uq_outbox_delivery_key", "outbox", ["delivery_key"], unique=True)
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])


def _known_links() -> None:
    connection = op.get_bind()
    known = {number for (number,) in connection.execute(text("select id from cases"))}
    links: dict[tuple[int, int], dict[str, object]] = {}
    for number, at, data in connection.execute(
        text("select case_id, at, data from journal where kind = 'case.linked' order by id")
    ):
        said = json.loads(data)
        if number in known and said.get("other") in known and said["other"] != number:
            links.setdefault((number, said["other"]), {"why": said.get("why", ""), "at": at})
    for (number, other), said in links.items():
        connection.execute(
            text("insert into case_links (case_id, other_id, why, at) values (:number, :other, :why, :at)"),
            {"number": number, "other": other, **said},
        )
