"""Arguments of actions as words and as values: what is text stays text, and all that is wrong is told at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core.actions.all  # noqa: F401 - makes the registry whole
from core.actions.arguments import WrongArguments, action_named, bind, read, scriptable
from core.actions.registry import REGISTRY
from core.errors import UnknownAction


def reads(name: str, *words: str) -> dict[str, object]:
    return read(action_named(name), words)


def refusal(name: str, *words: str) -> str:
    with pytest.raises(WrongArguments) as refused:
        reads(name, *words)
    return str(refused.value)


def refusal_of(name: str, **values: object) -> str:
    with pytest.raises(WrongArguments) as refused:
        bind(action_named(name), values)
    return str(refused.value)


@given(st.text())
def test_what_is_text_stays_as_it_was_typed(text: str) -> None:
    assert reads("case.note", "case=1", f"text={text}") == {"case": 1, "text": text}


@pytest.mark.parametrize("text", ["no", "012", "null", "{a: b}", "[x", "a=b", "", "1e3", "~"])
def test_what_looks_like_something_else_is_text_where_text_is_wanted(text: str) -> None:
    assert reads("case.tag", "case=1", f"tag={text}")["tag"] == text
    assert reads("case.route", "case=1", f"queue={text}")["queue"] == text


def test_values_by_name_are_written_as_yaml_or_json() -> None:
    wanted = {"product": "no", "power": Decimal("2.5"), "warranty": False, "parts": ["cable", "fuse, 10 A"], "x": None}
    assert reads(
        "case.set",
        "case=412",
        'fields={product: "no", power: 2.5, warranty: no, parts: [cable, "fuse, 10 A"], x: }',
    ) == {"case": 412, "fields": wanted}
    assert reads("case.set", "case=412", 'fields= {"product": "no", "priority": 5}')["fields"] == {
        "product": "no",
        "priority": 5,
    }
    assert reads("case.post", "case=1", "text=Hi", "public=No")["public"] is False
    assert reads("case.escalate", "case=1", "reason=x", "level=3")["level"] == 3
    assert reads("case.escalate", "case=1", "reason=x", "level=")["level"] is None


def test_a_choice_is_text_and_one_of_those_named() -> None:
    assert reads("case.set_status", "case=1", "status=open")["status"] == "open"
    said = refusal("case.set_status", "case=1", "status=opne")
    assert "status is one of open, waiting_customer, on_hold, resolved, closed" in said
    assert '"opne"' in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("case",), '"case" is no argument; write NAME=VALUE.'),
        (("case=1", "case=2"), "case stands there twice."),
        (("case=one",), 'case is a whole number, not "one".'),
        (("case=#12",), 'case is a whole number, not "#12".'),
        (("case=1.0",), "case is a whole number, not 1.0."),
        (("case=yes",), "case is a whole number, not true."),
        (("case=",), "case is a whole number, not nothing."),
        (("case=" + "9" * 5000,), "case is a whole number"),
        (("fields=x",), 'fields is values by name, not "x".'),
        (("fields=[1, 2]",), "fields is values by name, not [1, 2]."),
        (("fields={a: [}",), "fields, column 6: this is not YAML"),
        (("fields={a: 1, a: 2}",), "stands twice"),
        (("fields={no: 1}",), "this name reads as true or false"),
        (("fields={a: !!python/object:os.system x}",), "the tag"),
        (("fields=" + "[" * 3000,), "fields, column"),
        (("filds={}",), 'there is no parameter "filds". Did you mean "fields"?'),
        (("zzz=1",), 'there is no parameter "zzz". It takes case, fields.'),
    ],
)
def test_words_that_are_wrong_are_told_with_what_is_right(words: tuple[str, ...], said: str) -> None:
    told = refusal("case.set", *words)
    assert told.startswith("case.set: ")
    assert said in told
    assert len(told) < 400


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = refusal("case.escalate", "case=x", "lvl=2", "queue=tier-2")
    assert 'case is a whole number, not "x".' in told
    assert 'there is no parameter "lvl"' in told
    assert "reason is missing." in told


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"case": True, "tag": "x"}, "case is a whole number, not true."),
        ({"case": 1.0, "tag": "x"}, "case is a whole number, not 1.0."),
        ({"case": "1", "tag": "x"}, 'case is a whole number, not "1".'),
        ({"case": None, "tag": "x"}, "case is a whole number, not nothing."),
        ({"case": {"\x9b2J\u202e": "x" * 500}, "tag": "x"}, "case is a whole number, not "),
        ({"case": 1, "tag": 5}, "tag is text, not 5."),
        ({"case": 1, "tag": b"x"}, "tag is text"),
    ],
)
def test_values_are_of_the_very_type_and_hostile_ones_are_quoted_safely(values: dict[str, object], said: str) -> None:
    told = refusal_of("case.tag", **values)
    assert said in told
    assert told.isprintable()
    assert len(told) < 150


def test_an_action_is_found_by_its_name_or_the_nearest_is_named() -> None:
    assert action_named("case.tag").name == "case.tag"
    with pytest.raises(UnknownAction, match=r'Did you mean "case.tag"\?'):
        action_named("case.tga")
    for hidden in ("desk.apply", "", "x" * 5000, "\x1b[2J"):
        with pytest.raises(UnknownAction) as refused:
            action_named(hidden)
        assert "\x1b" not in str(refused.value)


def test_every_action_that_can_be_written_can_be_explained_and_names_what_takes_it_back() -> None:
    assert {"case.set", "case.merge", "action.delay", "webhook.call", "case.send_template"} <= {
        each.name for each in scriptable()
    }
    for each in scriptable():
        assert each.summary.endswith("."), each.name
        assert each.touches, each.name
        assert not each.undone_by or each.undone_by in REGISTRY, each.name
