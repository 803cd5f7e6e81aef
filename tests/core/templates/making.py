"""A case and its templates: what the tests of this folder share."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from core.conditions.case_fields import of_configuration
from core.conditions.types import Value
from core.conditions.world import World
from core.templates.template import Rendered, Template, TemplateRefused

VOCABULARY = of_configuration(types=("problem", "question"))
NOW = 1_795_417_200_000_000
WORLD = World(NOW, ZoneInfo("Europe/Berlin"))
FACTS: dict[str, Value] = {
    **dict.fromkeys(VOCABULARY.fields),
    "case.number": 412,
    "case.subject": "Inverter shows E-31",
    "case.priority": 3,
    "case.is_open": True,
    "case.opened_at": NOW,
    "case.followers": ("ida", "maya"),
    "case.tags": ("solar", "vip"),
    "contact.name": "Lena Ortiz",
    "message.text": "It is dark.\nPlease help.",
}


def rendered(text: str, **facts: Value) -> Rendered:
    """What a template becomes; facts are named with an underscore after the record."""
    template = Template.read(text, VOCABULARY, calendars=("office",))
    return template.render({**FACTS, **named(facts)}, WORLD)


def named(facts: dict[str, Value]) -> dict[str, Value]:
    return {path.replace("_", ".", 1): value for path, value in facts.items()}


def faults(text: str) -> list[tuple[tuple[int, int], str]]:
    """What is wrong with a template: each place with its words."""
    with pytest.raises(TemplateRefused) as caught:
        Template.read(text, VOCABULARY, calendars=("office",))
    return [((each.place.line, each.place.column), str(each)) for each in caught.value.faults]
