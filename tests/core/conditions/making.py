"""Conditions and facts made at random, of what both databases and the interpreter know."""

from __future__ import annotations

from hypothesis import strategies as st

from core.conditions.types import Value

WORDS = ("", "a", "b", "A", "ä", "%", "a_b", "it's", '"', "\\")
NUMBERS = tuple(range(-1, 6))
TIMES = tuple(1_795_000_000_000_000 - each * 3_600_000_000 for each in range(5))
TEXTS = ("case.subject", "case.language", "contact.name")
COUNTS = ("case.number", "case.priority", "contact.cases", "case.continues")
MOMENTS = ("case.opened_at", "case.resolved_at", "case.hold_until")
FLAGS = ("case.is_open", "message.auto")
LISTS = ("case.followers",)
PATHS = (*TEXTS, *COUNTS, *MOMENTS, *FLAGS, *LISTS)


def _quoted(text: str) -> str:
    return repr(text)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    """A condition as text."""
    if depth and draw(st.booleans()):
        inner = conditions(depth - 1)
        match draw(st.sampled_from(("and", "or", "not", "=="))):
            case "==":
                sign, missing = draw(st.sampled_from(("==", "!="))), draw(st.sampled_from(("", " is missing")))
                return f"(({draw(inner)}) {sign} (({draw(inner)}){missing}))"
            case "not":
                return f"not ({draw(inner)})"
            case word:
                terms = draw(st.lists(inner, min_size=2, max_size=3))
                return "(" + f" {word} ".join(terms) + ")"
    text, count, moment = (draw(st.sampled_from(each)) for each in (TEXTS, COUNTS, MOMENTS))
    word, number = _quoted(draw(st.sampled_from(WORDS))), str(draw(st.sampled_from(NUMBERS)))
    equal = draw(st.sampled_from(("==", "!=")))
    other_text, other_count, other_moment = (draw(st.sampled_from(each)) for each in (TEXTS, COUNTS, MOMENTS))
    flag, negated = draw(st.sampled_from(FLAGS)), draw(st.sampled_from(("", "not ")))
    order = draw(st.sampled_from(("==", "!=", "<", "<=", ">", ">=")))
    some = ", ".join(map(_quoted, draw(st.lists(st.sampled_from(WORDS), max_size=3))))
    every = ", ".join(map(str, draw(st.lists(st.sampled_from(NUMBERS), max_size=3))))
    within = draw(st.sampled_from(("in", "not in")))
    return draw(
        st.sampled_from(
            (
                f"{text} {equal} {word}",
                f"{word} {equal} {text}",
                f"{text} {equal} {other_text}",
                f"{count} {order} {number}",
                f"{number} {order} {count}",
                f"{count} {order} {number} * 2 + 1",
                f"{count} + 1 {order} {other_count}",
                f"{count} {order} {other_count}",
                f"age({moment}) {order} hours({number})",
                f"hours({number}) {order} age({moment})",
                f"{moment} {order} now() - hours({number})",
                f"{moment} {order} {other_moment}",
                f"{draw(st.sampled_from((text, count, moment)))} is {negated}missing",
                flag,
                f"{flag} {equal} {draw(st.sampled_from(('true', 'false')))}",
                f"{text} {within} [{some}]",
                f"{count} {within} [{every}]",
                f"{draw(st.sampled_from(('maya', 'tom')))!r} {within} case.followers",
                f"contains({text}, {word})",
                f"default({text}, {word}) {equal} {word}",
                f"({text} | default({other_text})) {equal} {word}",
                f"default({count}, {number}) {order} {other_count}",
                f"default({count}, default({other_count}, {number})) {order} {number}",
                f"default({moment}, {other_moment}) is {negated}missing",
                f"default({text}, {word}) is {negated}missing",
                f"default({text} {equal} {word}, {flag})",
                f"({flag} | default({draw(st.sampled_from(('true', 'false')))}))",
                f"(default({text}, {other_text}) {within} [{some}])",
                "true",
                "1 == 2",
            )
        )
    )


@st.composite
def facts_like(draw: st.DrawFn) -> dict[str, Value]:
    """Facts of one case; nearly anything may be missing."""
    facts: dict[str, Value] = {}
    for paths, values in ((TEXTS, WORDS), (COUNTS, NUMBERS), (MOMENTS, TIMES), (FLAGS, (True, False))):
        for path in paths:
            facts[path] = draw(st.one_of(st.none(), st.sampled_from(values)))
    facts["case.followers"] = tuple(draw(st.lists(st.sampled_from(("maya", "tom")), unique=True)))
    return facts
