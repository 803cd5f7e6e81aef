"""What one invariant is."""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A question to the database; each row of the answer is a finding, told by `detail` with the row's columns."""

    name: str
    detail: str
    sql: str
