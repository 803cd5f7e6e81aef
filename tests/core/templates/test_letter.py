"""A letter is written in the reader's language, as plain text and HTML, with a subject of one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions.types import Value
from core.templates.letter import LONGEST_SUBJECT, Letter, LetterRefused, Variant, Written
from core.templates.template import TemplateFailed
from tests.core.templates.making import FACTS, VOCABULARY, WORLD, named


def write(text: str, subject: str = "a", language: str | None = None, **facts: Value) -> Written:
    return Letter.read({"": Variant(subject, text)}, VOCABULARY).write({**FACTS, **named(facts)}, WORLD, language)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, ""),
        ("", ""),
        ("pt", "pt"),
        ("pt-BR", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("pt-PT", "pt"),
        ("pt-BR-x-a", "pt-BR"),
        ("de-AT", "de"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh", ""),
        ("ptx", ""),
        ("p", ""),
        ("-", ""),
        ("--pt", ""),
        ("pt-", "pt"),
        ("pt--BR", "pt"),
        ("fr", ""),
        ("\x00", ""),
        ("pt\n", ""),
    ],
)
def test_the_variant_for_a_language(wanted: str | None, found: str) -> None:
    variants = {each: Variant(each, f"text {each}") for each in ("", "pt", "pt-BR", "de", "zh-Hant")}
    letter = Letter.read(variants, VOCABULARY)
    assert letter.language_for(wanted) == found
    assert letter.write(FACTS, WORLD, wanted).language == found
    assert letter.write(FACTS, WORLD, wanted).text == f"text {found}".rstrip() + "\n"


@given(st.text())
def test_any_language_has_a_variant(wanted: str) -> None:
    assert Letter.read({"": Variant("a", "b"), "en": Variant("c", "d")}, VOCABULARY).language_for(wanted) in ("", "en")


def test_every_variant_is_checked_and_every_fault_is_told_with_its_place() -> None:
    with pytest.raises(LetterRefused) as caught:
        Letter.read(
            {
                "": Variant("{{ case.subjekt }}", "\n{{ a }} {{ b }}"),
                "de": Variant("{{ case.subject }}", "{% if case.is_open %}"),
                "pt": Variant("a", "b"),
            },
            VOCABULARY,
        )
    assert [(key, [tuple(each.place) for each in some]) for key, some in caught.value.faults.items()] == [
        (("", "subject"), [(1, 4)]),
        (("", "text"), [(2, 4), (2, 12)]),
        (("de", "text"), [(1, 4)]),
    ]
    assert "default subject, column 4: there is no field" in str(caught.value)
    assert 'de text, column 4: "if" is not ended' in str(caught.value)


def test_the_fields_that_it_needs_are_those_of_all_languages() -> None:
    letter = Letter.read({"": Variant("{{ case.number }}", "a"), "de": Variant("b", "{{ case.type }}")}, VOCABULARY)
    assert letter.paths == {"case.number", "case.type"}


def test_it_is_written_out() -> None:
    found = write(
        "Dear {{ contact.name | default('customer') }},\n\n{% if case.priority > 2 %}\n**We hurry.**\n{% endif %}\n"
        "{% for x in case.followers %}\n- {{ x }}\n{% endfor %}\n\n> {{ message.text | first_line }}\n",
        "Case {{ case.number }}: {{ case.subject }} {{ case.type }}",
    )
    assert found.subject == "Case 412: Inverter shows E-31"
    assert found.text == "Dear Lena Ortiz,\n\nWe hurry.\n\n- ida\n- maya\n\n> It is dark.\n"
    assert found.html == (
        "<p>Dear Lena Ortiz,</p>\n<p><strong>We hurry.</strong></p>\n<ul>\n<li>ida</li>\n<li>maya</li>\n</ul>\n"
        "<blockquote>\n<p>It is dark.</p>\n</blockquote>\n"
    )
    assert found.missing == ("case.type",)


def test_what_is_missing_is_named_once_for_both_parts() -> None:
    assert write("{{ case.owner }}{{ case.type }}", "{{ case.type }}").missing == ("case.type", "case.owner")


@given(st.text())
def test_a_subject_is_one_line_of_bounded_length(value: str) -> None:
    found = write("a", "{{ case.subject }}", case_subject=value * 3)
    assert len(found.subject) <= LONGEST_SUBJECT
    assert len(found.subject.splitlines()) <= 1


def test_a_long_subject_ends_with_a_sign() -> None:
    assert write("a", "{{ case.subject }}", case_subject="a" * 250).subject == "a" * 250
    assert write("a", "{{ case.subject }}", case_subject="a" * 251).subject == "a" * 249 + "…"


def test_a_header_cannot_be_added_by_a_subject() -> None:
    found = write("a", "{{ case.subject }}", case_subject="a\r\nBcc: b@evil.example\u2028c\x85d")
    assert found.subject == "a Bcc: b@evil.example c d"


def test_a_source_may_not_hold_marks_of_values() -> None:
    assert write("a\ue0000\ue001b{{ case.subject }}", case_subject="\ue0000\ue001c").text == "a0b0c\n"


def test_large_values_do_not_multiply_beyond_all_use() -> None:
    """A mail of a customer that stands in a loop; counted is what is put in, not the mark in its place."""
    many = tuple(map(str, range(1_000)))
    with pytest.raises(TemplateFailed, match="grows beyond 1,000,000 characters"):
        write("{% for x in case.tags %}{{ message.text }}{% endfor %}", message_text="a" * 100_000, case_tags=many)
    assert (
        len(
            write("{% for x in case.tags %}{{ message.text }}{% endfor %}", message_text="a" * 900, case_tags=many).text
        )
        == 900_001
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[a]: https://x.example/{{ case.subject }}\n\n" + "[a] " * 3_000, 1),
        ("{% for x in case.tags %}> > > > {{ message.text }}\n\n{% endfor %}", 50_000),
        ("{% for x in case.tags %}- 1. > {{ message.text }}\n\n{% endfor %}", 50_000),
    ],
)
def test_a_value_does_not_multiply_by_what_markdown_makes_of_it(text: str, lines: int) -> None:
    with pytest.raises(TemplateFailed, match="more than 3,000,000 characters are put into it"):
        write(text, case_subject="b" * 1_500, message_text="b\n" * lines, case_tags=("1", "2", "3", "4", "5", "6", "7"))


def test_a_long_address_that_stands_in_the_text_does_not_multiply() -> None:
    with pytest.raises(TemplateFailed, match="more than 3,000,000 characters are put into it"):
        write("[a]: https://x.example/" + "b" * 40_000 + "\n\n" + "[a] " * 1_000)


def test_a_link_with_values_that_no_program_follows_leaves_its_text() -> None:
    kept = write("[a](https://x.example/{{ case.subject }}/{{ case.subject }})", case_subject="ä" * 1_000)
    assert kept.html.count("%C3%A4") == 2_000
    found = write("[a](https://x.example/{{ case.subject }}/{{ case.subject }})", case_subject="ä" * 1_001)
    assert (found.text, found.html) == ("a\n", "<p>a</p>\n")


@pytest.mark.parametrize(
    "mark", ["&#xe000;0&#xe001;", "&#xE000;0&#X0E001;", "&#57344;0&#0057345;", "&#xe0&#xe000;00;0&#xe001;"]
)
def test_no_mark_that_an_entity_wrote_is_a_value(mark: str) -> None:
    found = write("{{ case.subject }} " + mark + " [b](https://x.example/" + mark + ") `" + mark + "`")
    assert found.text.count("Inverter") == 1
    assert found.html.count("Inverter") == 1


@pytest.mark.parametrize("address", ["https://x.example/%EE%80%800%EE%80%81", "https://x.example/&#xe000;0&#xe001;"])
def test_no_mark_that_an_address_wrote_is_a_value(address: str) -> None:
    found = write(f"{{{{ case.subject }}}} <{address}> [b]({address})")
    assert found.text.count("Inverter") == 1
    assert found.html.count("Inverter") == 1


def test_what_is_quoted_for_an_address_is_not_quoted_again() -> None:
    found = write(
        "[a](https://x.example/?q={{ case.subject | url_part }}&r={{ case.subject }})", case_subject="a b%20/ä"
    )
    assert 'href="https://x.example/?q=a%20b%2520%2F%C3%A4&amp;r=a%20b%2520%2F%C3%A4"' in found.html
    assert found.text == "a (https://x.example/?q=a%20b%2520%2F%C3%A4&r=a%20b%2520%2F%C3%A4)\n"
    found = write("[a](https://x.example/{{ case.subject }})", case_subject="%20")
    assert 'href="https://x.example/%2520"' in found.html


def test_an_address_by_itself_shows_where_it_leads() -> None:
    found = write("<https://x.example/{{ case.subject | url_part }}>", case_subject="a b/ä")
    address = "https://x.example/a%20b%2Fä".replace("ä", "%C3%A4")
    assert found.text == f"{address}\n"
    assert found.html == f'<p><a href="{address}">{address}</a></p>\n'


def test_a_fault_stands_where_it_is_written_whatever_characters_are_left_out() -> None:
    with pytest.raises(LetterRefused, match="default text, column 6: there is no field"):
        Letter.read({"": Variant("a", "\ue000\ue001{{ case.subjekt }}")}, VOCABULARY)
    assert write("{\ue000{ case.subject }}").text == "{{ case.subject }}\n"


def test_an_address_stays_one_in_a_link_and_adds_nothing_to_it() -> None:
    written = write("[write](mailto:{{ contact.email }})", contact_email="l+x@o.example")
    assert written.text == "write (l+x@o.example)\n"
    assert 'href="mailto:l+x@o.example"' in written.html
    written = write("[write](mailto:{{ contact.email }})", contact_email="l@o.example?bcc=evil@x.example&body=x")
    assert 'href="mailto:l@o.example%3Fbcc%3Devil@x.example%26body%3Dx"' in written.html


@pytest.mark.parametrize(("sign", "most"), [("> ", 15), ("- ", 7), ("1. ", 7)])
def test_what_is_quoted_deeply_is_written_or_the_letter_is_given_up_but_nothing_is_lost(sign: str, most: int) -> None:
    assert write(sign * most + "deep").text == sign * most + "deep\n"
    with pytest.raises(TemplateFailed, match="more than 15 quotes or 7 lists stand inside each other"):
        write(sign * (most + 1) + "deep")


def test_a_long_list_of_use_is_written() -> None:
    rows = tuple(f"inverter {number}" for number in range(3_500))
    found = write("{% for x in case.tags %}\n- On the roof, shows: {{ x }}\n{% endfor %}", case_tags=rows)
    assert found.html.count("<li>On the roof, shows: inverter ") == 3_500


def test_a_letter_has_a_variant_for_everybody() -> None:
    with pytest.raises(LetterRefused, match="there is no variant for readers of every other language"):
        Letter.read({"de": Variant("a", "b")}, VOCABULARY)


def test_a_value_of_many_lines_keeps_them_in_both() -> None:
    written = write("{{ case.subject }}", case_subject="a\n\n<b>\r\nc")
    assert written.text == "a\n\n<b>\nc\n"
    assert written.html == "<p>a<br />\n<br />\n&lt;b&gt;<br />\nc</p>\n"
