"""What a customer wrote comes out as it is, in the plain text and in the HTML, and changes nothing around it."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.templates.markdown import CLOSE, OPEN, Values, without_marks, written
from core.templates.template import TemplateFailed

PLACES = (
    "# {0}\n\nDear **{0}**, *{0}* and __{0}__ `{0}`.\n\n- {0}\n- b{0}c\n\n1. {0}\n\n> {0}\n\n    {0}\n\n```{0}\n{0}\n```\n\n{0}\n===\n",
    "{0}",
    "a\n{0}\nb",
    "{0}{0}",
    "\\{0} &{0}; &#{0}; <{0}> ![{0}](https://a.example/{0}) [{0}]: {0}\n",
    "[{0}](https://a.example/{0}?q={0}#{0} '{0}')",
    "[a][b]\n\n[b]: https://a.example/{0} '{0}'\n",
    "<https://a.example/{0}> <mailto:{0}@a.example>",
    "|{0}|\n|---|\n|{0}|\n\n***\n{0}\n---\n",
)
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></div><h1>",
    "<!--",
    "-->",
    "]]>",
    "&lt;b&gt;",
    "&#60;",
    "&amp",
    "<a href='javascript:a'>",
    "# x",
    "## x",
    "> x",
    "- x",
    "* x",
    "1. x",
    "1) x",
    "    x",
    "\tx",
    "```",
    "~~~",
    "`",
    "``x``",
    "**x**",
    "__x__",
    "*",
    "_",
    "***",
    "---",
    "===",
    "\\",
    "\\\\",
    "\\n",
    "[a](https://evil.example)",
    "![a](https://evil.example/a.png)",
    "](https://evil.example)",
    ")",
    "(",
    "[",
    "]",
    "[b]: https://evil.example",
    "[b]",
    "<https://evil.example>",
    "https://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil.example",
    "\x00",
    "\x0b",
    "\x1b[31m",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\xa0",
    "\u200b",
    "|",
    "|a|b|",
    "|---|",
    "{{ case.subject }}",
    "{% if %}",
    "\ue000" + "0" + "\ue001",
    "\ue0001",
    "\ue001",
    "'",
    '"',
    "' onclick='x",
    '" onclick="x',
    "%",
    "%0A",
    "%3C",
    "0",
    "2",
    "999",
    "é",
    "🦊",
    "👩‍🚀",
    "مرحبا",
    "a@b.example",
    "www.a.example",
    "[x]",
    "[ ]",
    "^a",
    "~~x~~",
    ":::",
    "<details>",
    "<style>*{display:none}</style>",
    "<plaintext>",
    "<svg/onload=alert(1)>",
    "<base href=//evil.example>",
)


def filled(place: str, value: str) -> tuple[str, str]:
    values = Values()
    return written(re.sub(r"\{0\}", lambda _found: values.mark(value), place), values)


def structure(html: str) -> list[tuple[str, ...]]:
    """The elements, each with what it stands in and the names of its attributes."""
    root = LexborHTMLParser(f"<!doctype html><body>{html}</body>").root
    assert root is not None
    found = []
    for each in root.traverse(include_text=False):
        assert each.tag is not None
        found.append((each.tag, *sorted(each.attributes), *_around(each)))
    return found


def _around(node: LexborNode) -> list[str]:
    names = []
    parent = node.parent
    while parent is not None:
        names.append(str(parent.tag))
        parent = parent.parent
    return names


def links(html: str) -> list[str]:
    return [each.attributes.get("href") or "" for each in LexborHTMLParser(html).css("[href]")]


def innocent(value: str) -> str:
    """A word of as many lines."""
    clean = without_marks(value).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join("x" for _line in clean.split("\n"))


def hold(place: str, value: str) -> None:
    plain, html = filled(place, value)
    assert structure(html) == structure(filled(place, innocent(value))[1])
    assert all(re.match(r"(https://a\.example/|mailto:)", each) for each in links(html))
    assert not re.search(r"\son\w+=", re.sub(r">[^<]*<|\"[^\"]*\"", "", html))
    assert OPEN not in plain + html
    assert CLOSE not in plain + html


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_changes_what_is_around_it(place: str, value: str) -> None:
    if without_marks(value):
        hold(place, value)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(PLACES),
    st.one_of(st.text(min_size=1), st.lists(st.sampled_from((*HOSTILE, "\n", "\r\n", " ")), min_size=1).map("".join)),
)
def test_no_text_changes_what_is_around_it(place: str, value: str) -> None:
    assume(without_marks(value))
    hold(place, value)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from((*HOSTILE, "\n"))).map("".join)))
def test_the_plain_text_holds_a_value_as_it_is(value: str) -> None:
    clean = without_marks(value).replace("\r\n", "\n").replace("\r", "\n")
    plain, _html = filled("**a** {0} *b* `c{0}d`\n", value)
    assert plain == f"a {clean} b c{clean}d\n"


@given(st.sampled_from(HOSTILE))
def test_a_reader_of_html_sees_the_value(value: str) -> None:
    _plain, html = filled("a {0} b", value)
    seen = LexborHTMLParser(html).text()
    assert without_marks(value).replace("\x00", "") in seen.replace("\ufffd", "")


@pytest.mark.parametrize(
    ("source", "value", "link"),
    [
        ("[a]({0})", "https://b.example/?a=1&b=2", "https://b.example/?a=1&b=2"),
        ("[a]({0})", "mailto:a@b.example", "mailto:a@b.example"),
        ("[a]({0})", "HTTPS://b.example", "HTTPS://b.example"),
        ("[a]({0}/{0})", "https://b.example", "https://b.example/https%3A%2F%2Fb.example"),
        ("[a](https://a.example/{0})", "../x y?&#\"'<", "https://a.example/..%2Fx%20y%3F%26%23%22%27%3C"),
        ("[a](https://{0}/x)", "b.example/y@c", "https://b.example%2Fy%40c/x"),
        ("[a]({0})", 'https://b.example/" onclick="x\n', "https://b.example/%22%20onclick=%22x"),
        ("[a]({0})", "javascript:alert(1)", None),
        ("[a]({0})", "  javascript:alert(1)", None),
        ("[a]({0})", "java\nscript:alert(1)", None),
        ("[a]({0})", "\x01javascript:alert(1)", None),
        ("[a]({0})", "JAVASCRIPT:https://b.example", None),
        ("[a]({0})", "data:text/html;base64,PHN2Zz4=", None),
        ("[a]({0})", "vbscript:x", None),
        ("[a]({0})", "file:///etc/passwd", None),
        ("[a]({0})", "//b.example", None),
        ("[a]({0})", "/x", None),
        ("[a]({0})", "x", None),
        ("[a]({0})", "https:// ", None),
        ("[a]({0})", "https://", None),
        ("[a]({0}{0})", "java", None),
        ("[a]({0}script:alert(1))", "java", None),
        ("[a](javascript:{0})", "alert(1)", None),
        ("[a](java{0})", "script:alert(1)", None),
        ("[a](data:{0})", "text/html,x", None),
        ("[a](&#106;avascript:{0})", "x", None),
        ("[a](&Tab;javascript:{0})", "x", None),
        ("<javascript:{0}>", "x", None),
        ("![a]({0})", "https://b.example/a.png", None),
        ("[a]\n\n[a]: {0}", "javascript:x", None),
        ("[a]\n\n[a]: {0}", "https://b.example", "https://b.example"),
        ("<a href='{0}'>a</a>", "https://b.example", None),
        ("<script>{0}</script>", "https://b.example", None),
    ],
)
def test_where_a_link_may_lead(source: str, value: str, link: str | None) -> None:
    plain, html = filled(source, value)
    assert links(html) == ([] if link is None else [link])
    assert not LexborHTMLParser(html).css("img, script")
    assert (f"({(link or '').removeprefix('mailto:')})" in plain) == (link is not None)


def test_a_link_that_leads_nowhere_leaves_its_text() -> None:
    assert filled("a [**b** {0}]({0}) [c](https://c.example)", "x:y") == (
        "a b x:y c (https://c.example)\n",
        '<p>a <strong>b</strong> x:y <a href="https://c.example">c</a></p>\n',
    )


@pytest.mark.parametrize(
    "source",
    [
        "&#xe000;0&#xe001;",
        "&#xe000;7&#xe001;",
        "&#57344;0&#57345;",
        "[a](&#xe000;7&#xe001;)",
        "[a](https://a.example/&#xe000;7&#xe001;)",
        "<https://a.example/%EE%80%807%EE%80%81>",
        f"&#xe000;{'9' * 5_000}&#xe001;",
        "`&#xe000;7&#xe001;`",
        "```&#xe000;7&#xe001;\n&#xe000;7&#xe001;\n```",
    ],
)
def test_a_mark_that_was_never_handed_out_is_none(source: str) -> None:
    """An entity of HTML, or a link's address, can write the characters that marks are made of."""
    plain, html = written(source, Values())
    assert not re.search(f"{OPEN}[0-9]+{CLOSE}", plain + html)


@pytest.mark.parametrize(
    ("source", "plain", "html"),
    [
        ("", "", ""),
        ("# a\nb\nc", "a\n\nb\nc\n", "<h1>a</h1>\n<p>b<br />\nc</p>\n"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c\n", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n"),
        ("- a\n\n- b", "- a\n\n- b\n", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"),
        ("9. a\n9. b", "9. a\n10. b\n", '<ol start="9">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> a\n>\n> b", "> a\n>\n> b\n", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n"),
        ("```py\na  b\n\nc\n```", "a  b\n\nc\n", "<pre><code>a  b\n\nc\n</code></pre>\n"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb\n", "<p>a</p>\n<hr />\n<p>b</p>\n"),
        ("<https://a.example>", "https://a.example\n", '<p><a href="https://a.example">https://a.example</a></p>\n'),
        ("<a@b.example>", "a@b.example\n", '<p><a href="mailto:a@b.example">a@b.example</a></p>\n'),
        ("![a **b**](https://a.example/x.png)", "a b\n", "<p>a <strong>b</strong></p>\n"),
        ("<b>a</b>", "<b>a</b>\n", "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"),
    ],
)
def test_what_was_written_in_both_forms(source: str, plain: str, html: str) -> None:
    assert written(source, Values()) == (plain, html)


def test_lines_of_a_value_stay_within_their_block() -> None:
    assert filled("> {0}\n\n- {0}\n", "a\nb")[0] == "> a\n> b\n\n- a\n  b\n"


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from((*HOSTILE, "\n", " ", "    ", "a"))).map("".join)))
def test_whatever_is_written_is_read(source: str) -> None:
    try:
        _plain, html = written(without_marks(source), Values())
    except TemplateFailed:  # quotes and lists that stand too deep in each other
        return
    assert not LexborHTMLParser(html).css("img, script, style, svg, details, base")
    assert all(re.match(r"(https?://|mailto:)", each, re.IGNORECASE) for each in links(html))


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000,
        "*a **a " * 3_000,
        "_a __a " * 3_000,
        "> " * 15 + "a\n" * 20_000,
        "- " * 7 + "a\n" * 20_000,
        "![a" * 5_000,
        "a](b" * 10_000,
        "<a" * 20_000,
        "[a](<b" * 5_000,
        "`".join("`" * number for number in range(300)),
        "&" * 30_000,
        "1. a\n   " * 2_000,
        "|a" * 20_000,
        "\\" * 30_000,
        "[a]: b\n" * 3_000,
    ],
)
def test_sources_that_elsewhere_take_for_ever(source: str) -> None:
    """A reader that tries every way would hang."""
    plain, html = written(source, Values())
    assert plain
    assert html


@pytest.mark.parametrize(
    "source", ["> " * 20_000, "- " * 20_000 + "a", "> - " * 10_000, "1. a\n   " + "- " * 20_000 + "a"]
)
def test_what_stands_too_deep_is_given_up(source: str) -> None:
    with pytest.raises(TemplateFailed, match="stand inside each other"):
        written(source, Values())
