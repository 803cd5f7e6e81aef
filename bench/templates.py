"""What a letter costs to write beside the same template in bare Jinja2."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bench.table import Row, compare
from core.conditions.case_fields import of_configuration
from core.conditions.types import Facts
from core.conditions.world import World
from core.templates.template import Template

COUNT = 20_000
TEXT = """Dear {{ contact.name }},

we have your message "{{ case.subject | truncate(40) }}" as case {{ case.number }} for {{ account.name }}.
{% if case.priority >= 4 and case.type == "problem" %}It is urgent, so {{ agent.full_name }} looks at it now.
{% else %}We answer within a day.
{% endif %}
Who follows it:
{% for follower in case.followers %}- {{ follower | upper }}
{% endfor %}
{{ agent.full_name }}, {{ queue.label }}
{{ agent.email }}
"""
FACTS: Facts = {
    "contact.name": "Lena Ortiz",
    "case.subject": "Inverter shows E-31",
    "case.number": 412,
    "case.priority": 4,
    "case.type": "problem",
    "case.followers": ("ida", "maya", "tom"),
    "account.name": "Ortiz Farm",
    "agent.full_name": "Maya Lindqvist",
    "agent.email": "maya@example.org",
    "queue.label": "First line",
}


def letters(folder: Path, rounds: int) -> Row:
    """A letter with nine variables, a choice and a loop, written many times."""
    from jinja2 import Environment

    world = World(1_795_000_000_000_000)
    records: dict[str, dict[str, object]] = {}
    for path, value in FACTS.items():
        record, _dot, name = path.partition(".")
        records.setdefault(record, {})[name] = value

    ours = Template.read(TEXT, of_configuration())
    theirs = Environment(trim_blocks=True, keep_trailing_newline=True).from_string(
        TEXT
    )  # it is text, so nothing is escaped
    assert ours.render(FACTS, world).text == theirs.render(records)

    def cost(write: Callable[[], object]) -> Callable[[], float]:
        def round_() -> float:
            began = time.process_time()
            for _ in range(COUNT):
                write()
            return (time.process_time() - began) / COUNT * 1e6

        return round_

    return compare(
        "a letter of nine variables, a choice and a loop",
        cost(lambda: ours.render(FACTS, world)),
        cost(lambda: theirs.render(records)),
        rounds=rounds,
        unit="us",
        at_most=1.5,
        peer_name="bare Jinja2",
    )
