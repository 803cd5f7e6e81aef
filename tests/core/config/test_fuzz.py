"""Whatever a file holds, reading ends in a document or in problems: nothing else is ever raised."""

import contextlib
import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.config.describing import describe
from core.config.document import SECTIONS, Document
from core.config.plan import plan
from core.config.problems import ConfigRefused, Problem
from core.config.reading import read
from core.config.starter import starter
from core.config.writing import dump
from tests.core.config.documents import documents

WORDS = [*SECTIONS, *{field for model in SECTIONS.values() for field in model.model_fields}]
WORDS += [
    "from",
    "email",
    "normal",
    "available",
    "host",
    "user",
    "password",
    "command",
    "env",
    "a@b.example",
    "a",
    "9m",
]
words = st.sampled_from(WORDS)
values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words | st.text()
)
trees = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner, max_size=5),
    max_leaves=40,
)
often = settings(max_examples=300, deadline=None)


def ends_well(text: str) -> None:
    with contextlib.suppress(ConfigRefused):
        document, lines = read(text, "desk.yaml", starter())
        for change in plan(starter(), document, True, lines):
            stated = document.section(change.section).get(change.name)
            assert describe(change, stated).isprintable()
    for problem in problems_in(text):
        assert str(problem).isprintable()


def problems_in(text: str) -> list[Problem]:
    try:
        read(text, "desk.yaml")
    except ConfigRefused as refused:
        return refused.problems or [Problem("desk.yaml", 0, 0, "", "\n")]
    return []


@often
@given(st.text() | st.text("{}[]:,-&*!|>'\"#%@`?\n\t ab1~<"))
def test_any_text(text: str) -> None:
    ends_well(text)


@often
@given(st.dictionaries(st.sampled_from(list(SECTIONS)), st.dictionaries(words, trees, max_size=4), max_size=4) | trees)
def test_any_tree(tree: object) -> None:
    ends_well(json.dumps(tree))


@often
@given(documents(), st.integers(0, 2**32))
def test_an_export_that_was_damaged(document: Document, seed: int) -> None:
    random, text = Random(seed), dump(document)
    for _ in range(random.randint(1, 5)):
        start = random.randrange(len(text))
        text = (
            text[:start]
            + random.choice(["", "[", "no", "\n", ": ", "*a", "&a ", "!!int ", "'", "9"])
            + text[start + random.randint(0, 4) :]
        )
    ends_well(text)
