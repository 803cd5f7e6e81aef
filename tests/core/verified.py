"""What every story ends with: nothing that verify has to say."""

from __future__ import annotations

from core.verify import Finding, verify
from data.desk import Desk


def findings(desk: Desk) -> list[Finding]:
    with desk.reading() as connection:
        return verify(connection, deep=True)
