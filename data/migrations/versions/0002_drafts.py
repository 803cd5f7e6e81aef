"""Drafts: what an agent is writing on a case, so that colleagues and the agent's other consoles know of it.

And an index that hands an agent's cases out in the order of the list.
"""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Text

revision = "0002"
down_revision = "0001"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add the table of drafts, and make the index of owners one of the list's order."""
    op.create_table(
        "drafts",
        Column("case_id", WHOLE, nullable=False),
        Column("agent_id", WHOLE, nullable=False),
        Column("kind", Text, CheckConstraint("kind in ('reply', 'note')", name=op.f("ck_drafts_kind")), nullable=False),
        Column("text", Text, nullable=False),
        Column("session", Text, nullable=False),
        Column("updated_at", WHOLE, nullable=False),
        PrimaryKeyConstraint("case_id", "agent_id", name=op.f("pk_drafts")),
        ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_drafts_case_id")),
        ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_drafts_agent_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_drafts_agent_id", "drafts", ["agent_id"])
    op.drop_index("ix_cases_owner_id_status", "cases")
    op.create_index("ix_cases_owner_id_status_updated_at", "cases", ["owner_id", "status", "updated_at"])
