"""Bringing a desk of an older version to this one's schema. The only module that imports Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from data import schema
from data.actor import LOCAL_ADMIN
from data.clock import system_clock
from data.desk import Desk, DeskIsNewer
from data.transaction import Tx


def newest() -> str:
    """Return the newest migration there is; it must be `schema.HEAD`."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes.update(connection=connection, metadata=schema.metadata)
    return config


def upgrade(where: str | Path, *, patience: float = 60.0) -> tuple[str, str]:
    """Bring a desk to this version's schema, all of it or nothing.

    Returns:
        The version found and the version now.

    Raises:
        Unavailable: it is missing, no desk, or newer than this program.
    """
    desk = Desk(where, clock=system_clock, name="deskline upgrade", patience=patience)
    try:
        desk.storage.check_file(create=False)
        return desk.run(LOCAL_ADMIN, _upgrade, str(where))
    finally:
        desk.close()


def _upgrade(tx: Tx, where: str) -> tuple[str, str]:
    found = str(tx.scalar(text("select version_num from alembic_version")))
    if found > schema.HEAD:
        raise DeskIsNewer(where=where, found=found, known=schema.HEAD)
    if found != schema.HEAD:
        command.upgrade(_config(tx.connection), "head")
    return found, schema.HEAD
