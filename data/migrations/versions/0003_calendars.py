"""Calendars: when somebody works."""

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Integer, PrimaryKeyConstraint, Text, text

revision = "0003"
down_revision = "0002"

WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Add the table of calendars."""
    op.create_table(
        "calendars",
        Column("id", WHOLE, Identity(), nullable=False),
        Column("name", Text, nullable=False),
        Column("zone", Text),
        Column("week", Text, nullable=False),
        Column("holidays", Text, nullable=False, server_default=text("'[]'")),
        Column("exceptions", Text, nullable=False, server_default=text("'{}'")),
        Column("active", WHOLE, nullable=False, server_default=text("1")),
        CheckConstraint("active in (0, 1)", name=op.f("ck_calendars_active")),
        PrimaryKeyConstraint("id", name=op.f("pk_calendars")),
        sqlite_strict=True,
    )
    op.create_index("uq_calendars_name", "calendars", ["name"], unique=True)
