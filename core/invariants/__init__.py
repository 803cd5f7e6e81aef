"""The invariants of a desk as questions to its database: each row of an answer breaks the rule.

Words with a dollar sign are spelled by `core.verify`, since the two databases spell them differently.
"""

from core.invariants.assignments import ASSIGNMENTS
from core.invariants.at_cursor import AT_CURSOR
from core.invariants.cases import CASES
from core.invariants.journal import JOURNAL
from core.invariants.loads import LOADS
from core.invariants.mail import MAIL
from core.invariants.presence import PRESENCE
from core.invariants.rule import Rule
from core.invariants.timers import TIMERS

RULES = (*LOADS, *ASSIGNMENTS, *TIMERS, *CASES, *PRESENCE, *JOURNAL, *MAIL)
"""What always holds."""

__all__ = ["AT_CURSOR", "RULES", "Rule"]
