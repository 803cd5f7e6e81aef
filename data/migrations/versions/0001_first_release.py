"""The root of all migrations: the schema that `Desk.create` makes in the first release.

A new desk is made from the tables themselves and stamped with the newest revision, so this one changes nothing.
"""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Start here."""
