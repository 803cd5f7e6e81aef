"""Mail that rules and people send: to whom it goes, what holds it back, and the bytes that leave."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from typing import cast

import pytest

from core.actions import cases
from core.errors import EmptyText, NoMailbox, NoRecipient, NotFound, Refused, WrongStatus, WrongUsage
from data.actor import LOCAL_ADMIN
from intake.email.compose import compose
from tests.builders import Story
from tests.core.actions import LENA, comes, does, events, marked
from tests.core.conftest import Begin

SENDER = "Ursa Major Solar <support@ursamajor.example>"
TEMPLATES = """\
templates:
  thanks:
    subject: "Thanks: {{ case.subject }}"
    text: |
      Dear {{ contact.name | default("customer") }},

      *we* look at it.{% if case.power > 2 %} It is strong.{% endif %}
    languages:
      de: {subject: "Danke: {{ case.subject }}", text: "Guten Tag {{ contact.name }}"}
      pt-BR: {subject: Obrigado, text: "Bom dia"}
  hollow: {subject: x, text: "{% if case.priority > 5 %}x{% endif %}"}
"""


def to(story: Story, message: int | None) -> list[str]:
    found = story.one("select recipients from messages where id = ?", message)
    return cast("list[str]", json.loads(found))


def mail(story: Story, message: int | None) -> EmailMessage:
    """The mail as it leaves, which is the same at each try."""
    assert message is not None
    with story.desk.reading() as connection:
        first, second = (compose(connection, message, SENDER) for _ in range(2))
    assert first == second
    return cast("EmailMessage", email.message_from_bytes(first.content, policy=email.policy.default))


def sends(story: Story, who: str, case: int, to: str) -> int | None:
    return cast("int | None", does(story, who, "case.send_mail", case=case, to=to, subject="News", text="There are."))


def test_a_mail_goes_to_whom_its_word_names(begin: Begin) -> None:
    story = begin(marked(supervisors=("sue",)))
    case = story.customer_writes()
    story.present("maya")
    story.accept("maya", case)
    for name in ("tom", "ida", "sue"):
        does(story, "maya", "case.follow", case=case, agent=name)
    assert to(story, sends(story, "maya", case, "customer")) == [LENA]
    assert to(story, sends(story, "engine", case, "owner")) == ["maya@ursamajor.example"]
    # Sue has no mail address.
    assert to(story, sends(story, "engine", case, "followers")) == ["ida@ursamajor.example", "tom@ursamajor.example"]
    assert to(story, sends(story, "engine", case, "agent:ida")) == ["ida@ursamajor.example"]
    assert to(story, sends(story, "engine", case, "queue:tier-2")) == ["tom@ursamajor.example"]
    assert to(story, sends(story, "maya", case, "parts@supplier.example")) == ["parts@supplier.example"]
    assert story.status(case) == "open"


NOBODY = [
    ("support@ursamajor.example", WrongUsage),
    ("SUPPORT@ursamajor.example", WrongUsage),
    ("maya", WrongUsage),
    ("", WrongUsage),
    ("owner:maya", WrongUsage),
    ("customer:lena", WrongUsage),
    ("a@b.example, c@d.example", WrongUsage),
    ("a@b.example\r\nBcc: c@d.example", WrongUsage),
    ("agent:zoe", NotFound),
    ("agent:", NotFound),
    ("queue:tier-3", NotFound),
]


def test_who_is_nobody_is_not_written_to(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for word, error in NOBODY:
        for who in ("maya", "engine"):
            with pytest.raises(error):
                sends(story, who, case, word)
        assert story.one("select count(*) from outbox") == 0


WITHOUT_ADDRESS = {
    "owner": "the case has no owner",
    "followers": "nobody follows the case",
    "agent:sue": "agent:sue has no mail address",
    "queue:empty": "queue:empty has no members",
}


@pytest.mark.parametrize("word", WITHOUT_ADDRESS)
def test_where_nobody_has_an_address_a_person_is_told_and_a_rule_goes_on(begin: Begin, word: str) -> None:
    story = begin(marked(supervisors=("sue",)))
    case = story.customer_writes()
    with pytest.raises(Refused, match=f"Nobody is written to: {WITHOUT_ADDRESS[word]}"):
        sends(story, "maya", case, word)
    assert sends(story, "engine", case, word) is None
    assert [each["why"] for each in events(story, "message.held_back")] == [WITHOUT_ADDRESS[word]]
    assert story.one("select count(*) from outbox") == 0


@pytest.mark.parametrize("word", ["owner", "followers"])
def test_somebody_on_the_case_without_an_address_is_not_called_nobody(begin: Begin, word: str) -> None:
    story = begin(marked(supervisors=("sue",)))
    case = story.customer_writes()
    does(story, "admin", "case.assign", case=case, agent="sue")
    does(story, "admin", "case.follow", case=case, agent="sue")
    with pytest.raises(Refused, match=f"{word} has no mail address"):
        sends(story, "maya", case, word)


def test_a_customer_without_an_address_stops_a_person_and_no_rule(begin: Begin) -> None:
    story = begin(marked(TEMPLATES))
    case = does(story, "maya", "case.open", subject="A call", name="Omar")
    for name, arguments in (
        ("case.post", {"text": "Hello"}),
        ("case.send_mail", {"to": "customer", "subject": "x", "text": "x"}),
        ("case.send_template", {"template": "thanks"}),
    ):
        with pytest.raises(NoRecipient, match="no customer with a mail address"):
            does(story, "maya", name, case=case, **arguments)
        assert does(story, "engine", name, case=case, **arguments) is None
    assert len(events(story, "message.held_back")) == 3


def test_what_the_desk_sends_by_itself_is_held_back_where_a_machine_wrote_last_and_what_a_person_sends_is_not(
    begin: Begin,
) -> None:
    story = begin(marked(TEMPLATES))
    case = comes(story, 1, LENA, "Away", "Auto-Submitted: auto-replied").case
    assert case is not None
    assert does(story, "engine", "case.post", case=case, text="Hello") is None
    assert does(story, "engine", "case.send_template", case=case, template="thanks") is None
    assert sends(story, "engine", case, "customer") is None
    assert [each["why"] for each in events(story, "message.held_back")] == ["a machine wrote last"] * 3
    assert sends(story, "engine", case, "lena@ortiz-farm.example") is None  # the very machine, by its address
    assert sends(story, "engine", case, "agent:maya") is not None
    assert does(story, "engine", "case.post", case=case, text="For colleagues", public=False) is not None
    assert does(story, "maya", "case.post", case=case, text="Hello") is not None
    comes(story, 2, LENA, f"Re: Away [#{case}]")
    assert does(story, "engine", "case.post", case=case, text="Hello") is not None


def test_only_what_no_person_sent_is_marked_as_a_machines(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for who, mark in (("maya", None), ("admin", None), ("engine", "auto-generated")):
        sent = mail(story, does(story, who, "case.post", case=case, text="Hello"))
        assert sent["Auto-Submitted"] == mark
    sent = mail(story, sends(story, "engine", case, "agent:maya"))
    assert (sent["Auto-Submitted"], sent["Subject"], sent["To"]) == (
        "auto-generated",
        f"News [#{case}]",
        "maya@ursamajor.example",
    )


def test_a_post_leaves_the_status_and_a_note_leaves_the_desk_out(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    sent = mail(story, does(story, "maya", "case.post", case=case, text="Hello"))
    assert sent["Subject"] == f"Re: Inverter shows E-31 [#{case}]"
    note = does(story, "maya", "case.post", case=case, text="Hush", public=False)
    assert story.one("select direction from messages where id = ?", note) == "note"
    assert (story.status(case), story.one("select count(*) from outbox")) == ("new", 1)
    for public in (True, False):
        with pytest.raises(EmptyText):
            does(story, "maya", "case.post", case=case, text=" \n", public=public)


def test_an_answer_to_a_mail_about_a_case_comes_to_the_case(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    sent = mail(story, sends(story, "maya", case, "parts@supplier.example"))
    assert comes(story, 1, "parts@supplier.example", "Re", f"In-Reply-To: {sent['Message-ID']}").case == case
    assert comes(story, 2, "parts@supplier.example", f"Re: {sent['Subject']}").case == case


def test_a_subject_is_one_short_line_with_the_number_once(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for given, written in (
        ("a\r\nBcc: b@c.example", f"a Bcc: b@c.example [#{case}]"),
        (f"About [#{case}] again", f"About [#{case}] again"),
        ("x" * 5000, f"{'x' * 249}… [#{case}]"),
    ):
        message = does(story, "maya", "case.send_mail", case=case, to=LENA, subject=given, text="x")
        assert mail(story, message)["Subject"] == written
        assert mail(story, message)["Bcc"] is None
    for subject, text in ((" ", "x"), ("x", " ")):
        with pytest.raises(EmptyText):
            does(story, "maya", "case.send_mail", case=case, to=LENA, subject=subject, text=text)


def test_a_template_goes_out_as_text_and_as_html(begin: Begin) -> None:
    story = begin(marked(TEMPLATES))
    case = does(story, "maya", "case.open", subject="<b>Dark</b>", text="Now.", address=LENA, name="Lena <script>")
    does(story, "maya", "case.set", case=case, fields={"power": "2.5"})
    message = does(story, "maya", "case.send_template", case=case, template="thanks")
    sent = mail(story, message)
    assert sent.get_content_type() == "multipart/alternative"
    assert sent["Subject"] == f"Thanks: <b>Dark</b> [#{case}]"
    plain, html = (part.get_content() for part in sent.iter_parts())
    assert plain.startswith("Dear Lena <script>,")
    assert "It is strong." in plain
    assert "Lena &lt;script&gt;" in html
    assert "<em>we</em>" in html
    assert story.one("select text from messages where id = ?", message) == plain.replace("\r\n", "\n")


VARIANTS = [
    (None, "Thanks: Inverter shows E-31"),
    ("de", "Danke: Inverter shows E-31"),
    ("de-AT", "Danke: Inverter shows E-31"),
    ("de-CH", "Danke: Inverter shows E-31"),
    ("pt-BR", "Obrigado"),
    ("pt", "Thanks: Inverter shows E-31"),
    ("sw", "Thanks: Inverter shows E-31"),
]


def test_a_customer_gets_the_variant_of_the_cases_language(begin: Begin) -> None:
    story = begin(marked(TEMPLATES))
    case = story.customer_writes()
    for language, subject in VARIANTS:
        does(story, "maya", "case.set", case=case, fields={"language": language})
        message = does(story, "engine", "case.send_template", case=case, template="thanks")
        assert mail(story, message)["Subject"] == f"{subject} [#{case}]"


def test_a_template_that_there_is_not_or_that_says_nothing_is_refused(begin: Begin) -> None:
    story = begin(marked(TEMPLATES))
    case = story.customer_writes()
    with pytest.raises(NotFound, match='template "thansk"'):
        does(story, "maya", "case.send_template", case=case, template="thansk")
    with pytest.raises(Refused, match="hollow writes nothing on case"):
        does(story, "maya", "case.send_template", case=case, template="hollow")
    with pytest.raises(NotFound):
        does(story, "maya", "case.send_template", case=99, template="thanks")


def test_on_a_closed_case_a_person_reopens_first_and_a_rule_may_send_its_survey(begin: Begin) -> None:
    story = begin(marked(TEMPLATES))
    case = story.customer_writes()
    does(story, "admin", "case.close", case=case)
    with pytest.raises(WrongStatus, match="reopen it first"):
        does(story, "maya", "case.post", case=case, text="Hello")
    assert does(story, "engine", "case.send_template", case=case, template="thanks") is not None
    assert story.status(case) == "closed"


def test_a_desk_that_cannot_send_says_so(begin: Begin) -> None:
    wanted = marked()
    box = wanted.mailboxes["support"].model_copy(update={"smtp": None})
    story = begin(wanted.model_copy(update={"mailboxes": {"support": box}}))
    case = story.customer_writes()
    with pytest.raises(NoMailbox):
        does(story, "maya", "case.post", case=case, text="Hello")


QUOTING = """\
templates:
  quoting: {subject: x, text: 'Hello {{ contact.name | default("there") }}, you wrote: {{ message.text }}'}
"""


def test_what_colleagues_write_is_never_quoted_to_the_customer(begin: Begin) -> None:
    """`message` is what the customer wrote last, whatever was noted, answered or sent to colleagues since."""
    story = begin(marked(QUOTING))
    case = comes(story, 1, f"Lena Ortiz <{LENA}>", "Roof", text="My roof leaks.").case
    does(story, "maya", "case.post", case=case, text="He never pays.", public=False)
    does(story, "maya", "case.send_mail", case=case, to="agent:tom", subject="Him again", text="Let him wait.")
    does(story, "maya", "case.send_template", case=case, template="quoting")
    text = story.one("select text from messages where case_id = ? order by id desc limit 1", case)
    assert text == "Hello Lena Ortiz, you wrote: My roof leaks.\n"


def test_a_customer_without_a_name_is_greeted_by_the_default(begin: Begin) -> None:
    story = begin(marked(QUOTING))
    case = story.desk.run(LOCAL_ADMIN, cases.open_new, "A call", "It leaks.", address="x@roof.example")
    does(story, "maya", "case.send_template", case=case, template="quoting")
    text = story.one("select text from messages where case_id = ? order by id desc limit 1", case)
    assert text == "Hello there, you wrote: It leaks.\n"
