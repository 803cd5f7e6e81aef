import pytest
from hypothesis import given, settings

from core.config.checks import dangling
from core.config.describing import describe
from core.config.document import Address, Agent, Channel, Document, Mailbox, PresenceConfiguration, Queue
from core.config.plan import Change, FieldChange, applied, merge, plan
from core.config.problems import ConfigRefused
from core.config.reading import read
from core.config.starter import starter
from tests.core.config.documents import desk_with, documents

slow = settings(max_examples=100, deadline=None)


def steps(current: Document, wanted: Document, prune: bool) -> tuple[Change, ...]:
    try:
        return plan(current, wanted, prune)
    except ConfigRefused:  # two desks at random may not fit together: a fallback queue that loses its routing
        return ()


@slow
@given(documents(), documents())
def test_carrying_out_a_plan_gives_the_merged_document(current: Document, wanted: Document) -> None:
    for prune in (False, True):
        changes = steps(current, wanted, prune)
        if changes:
            merged = merge(current, wanted, prune)
            assert applied(current, changes) == merged
            assert plan(merged, wanted, prune) == ()
            assert all("\n" not in describe(change) for change in changes)


@slow
@given(documents(), documents())
def test_no_step_of_a_plan_names_what_is_not_there(current: Document, wanted: Document) -> None:
    for start, goal in ((current, wanted), (Document(), wanted)):
        for prune in (False, True):
            for change in steps(start, goal, prune):
                start = applied(start, [change])
                assert list(dangling(start)) == []


@slow
@given(documents(), documents())
def test_the_order_of_a_file_makes_no_difference(current: Document, wanted: Document) -> None:
    turned = Document(**{name: dict(reversed(wanted.section(name).items())) for name in Document.model_fields if name != "desk"},
                      desk=wanted.desk)  # fmt: skip
    assert steps(current, wanted, True) == steps(current, turned, True)


def test_a_new_channel_and_its_new_fallback_queue_can_name_each_other() -> None:
    wanted = desk_with(
        channels={"chat": Channel(fallback_queue="office")},
        presence_configurations={"senior": PresenceConfiguration(status_after_decline="chatting")},
        presence_statuses={
            "chatting": starter().presence_statuses["available"].model_copy(update={"channels": ("chat",)})
        },
        agents={"maya": Agent(name="Maya", presence="senior")},
        queues={"office": Queue(members=("maya",))},
    )
    told = [(change.kind, change.section, change.name) for change in plan(starter(), wanted, False)]
    assert told == [
        ("add", "channels", "chat"),
        ("add", "presence_statuses", "chatting"),
        ("add", "presence_configurations", "senior"),
        ("add", "agents", "maya"),
        ("add", "queues", "office"),
        ("change", "channels", "chat"),
    ]
    back = [(change.kind, change.section, change.name) for change in plan(wanted, starter(), True)]
    assert back == [("change", "channels", "chat"), *(("remove", section, name) for _, section, name in told[4::-1])]


def test_a_field_left_out_of_a_named_entry_has_its_default() -> None:
    current = desk_with(agents={"maya": Agent(name="Maya", role="admin", email="maya@desk.example")})
    wanted, lines = read("agents: {maya: {name: Maya, email: maya@desk.example}}", "desk.yaml", current)
    (change,) = plan(current, wanted, False, lines)
    assert change == Change("change", "agents", "maya", (FieldChange("role", "admin", "agent"),))
    assert describe(change) == "change the agent maya: role from admin to agent"


def test_what_the_file_does_not_name_stays_and_with_prune_goes() -> None:
    current = desk_with(agents={"maya": Agent(name="Maya"), "tom": Agent(name="Tom")})
    wanted, _ = read("agents: {maya: {name: Maya}}", "desk.yaml", current)
    assert plan(current, wanted, False) == ()
    assert [describe(change) for change in plan(current, wanted, True)] == ["remove the agent tom"]


def test_prune_spares_the_desk_and_what_every_desk_starts_with() -> None:
    current = starter().model_copy(update={"desk": starter().desk.model_copy(update={"name": "Ursa Major Solar"})})
    wanted, _ = read("agents: {maya: {name: Maya}}", "desk.yaml", current)
    assert [describe(change) for change in plan(current, wanted, True)] == ["add the agent maya: name Maya"]


def test_a_removal_that_something_still_refers_to_is_refused_where_it_refers() -> None:
    current = desk_with(
        agents={"maya": Agent(name="Maya"), "tom": Agent(name="Tom")}, queues={"tier-1": Queue(members=("tom",))}
    )
    wanted, lines = read(
        "queues:\n  tier-1:\n    members: [maya, tom]\nagents:\n  maya: {name: Maya}\n", "desk.yaml", current
    )
    with pytest.raises(ConfigRefused) as refused:
        plan(current, wanted, True, lines)
    assert str(refused.value) == (
        'desk.yaml:3: queues.tier-1.members[1]: still names the agent "tom", which the file leaves out and --prune would remove.'
        " Name it in the file, or change this field."
    )
    assert refused.value.problems[0].column == 21


def test_a_removal_refused_by_an_entry_the_file_leaves_alone_has_no_line() -> None:
    current = desk_with(queues={"office": Queue()}, channels={"email": Channel(label="Mail", fallback_queue="office")})
    wanted, lines = read("agents: {maya: {name: Maya}}", "desk.yaml", current)
    with pytest.raises(ConfigRefused) as refused:
        plan(current, wanted, True, lines)
    assert str(refused.value).startswith('the desk: channels.email.fallback_queue: still names the queue "office"')


def test_describing_tells_what_joins_and_what_leaves_a_list() -> None:
    current = desk_with(
        agents={name: Agent(name=name) for name in ("a", "b", "c")}, queues={"q": Queue(members=("a", "b"))}
    )
    wanted, _ = read("queues: {q: {members: [c, b], routing: null}}", "desk.yaml", current)
    (change,) = plan(current, wanted, False)
    assert describe(change) == "change the queue q: routing from normal to none, members with c and without a"


def test_describing_a_mailbox_names_only_what_differs_inside_it() -> None:
    def with_priority(priority: int) -> Document:
        box = Mailbox(sender="d@d.example", addresses={"d@d.example": Address(queue="q", priority=priority)})
        return desk_with(queues={"q": Queue()}, mailboxes={"m": box})

    (change,) = plan(with_priority(2), with_priority(4), False)
    assert describe(change) == "change the mailbox m: addresses.d@d.example.priority from 2 to 4"


def test_describing_paints_no_control_character() -> None:
    change = Change("change", "desk", "", (FieldChange("name", "a\x1b[2J", "b\u202e"),))
    assert describe(change) == "change the desk: name from a�[2J to b�"


def changed(before: str, after: str, prune: bool = False) -> list[str]:
    """What a desk that was set up by one file says of another one."""
    first, _ = read(before, "desk.yaml", desk_with())
    current = merge(desk_with(), first, prune=False)
    wanted, lines = read(after, "desk.yaml", current, prune)
    return [
        describe(change, wanted.section(change.section).get(change.name))
        for change in plan(current, wanted, prune, lines)
    ]


def test_what_an_entry_leaves_out_is_told_apart_from_what_it_states() -> None:
    box = """\
mailboxes:
  m:
    imap: {host: a.example, port: 1993, user: u, password: {env: A}}
    smtp: {host: a.example, port: 2525}
    from: d@d.example
    addresses: {d@d.example: {queue: q, priority: 2}, e@d.example: {queue: q}}
queues: {q: {}}
"""
    other = box.replace(", port: 1993", "").replace("    smtp: {host: a.example, port: 2525}\n", "")
    other = other.replace(", priority: 2", "").replace(", e@d.example: {queue: q}", "")
    assert changed(box, other) == [
        "change the mailbox m: imap.port from 1993 to none (left out), smtp.host from a.example to none (left out), "
        "smtp.port from 2525 to none (left out), smtp.tls from starttls to none (left out), "
        "addresses.d@d.example.priority from 2 to 3 (left out), "
        "addresses.e@d.example.queue from q to none, addresses.e@d.example.priority from 3 to none"
    ]
    assert changed(box, box.replace("port: 1993", "port: null")) == [
        "change the mailbox m: imap.port from 1993 to none"
    ]


LETTER = """\
templates:
  t:
    subject: Hello
    text: |
      Hello {{ contact.name }},

      thank you.

      {{ agent.name }}
"""


def test_a_text_of_several_lines_is_told_by_its_first_one_and_a_change_by_the_line_that_differs() -> None:
    assert changed("desk: {name: Service desk}\n", LETTER) == [
        "add the template t: subject Hello, text Hello {{ contact.name }}, … (5 lines)"
    ]
    assert changed("desk: {name: Service desk}\n", LETTER.replace("Hello {{", "A good day to you today, {{")) == [
        "add the template t: subject Hello, text A good day to you today, {{ contact.nam… (5 lines)"
    ]
    assert changed(LETTER, LETTER.replace("thank you.", "thanks.")) == [
        "change the template t: text in line 3 from thank you. to thanks."
    ]
    assert changed(LETTER, LETTER.replace("thank you.", "thanks.\n      Bye.")) == [
        "change the template t: text in line 3 from thank you. to thanks. and in 3 more"
    ]
    assert changed(LETTER, LETTER[: LETTER.index("|")] + "Bye\n") == [
        "change the template t: text from Hello {{ contact.name }}, … (5 lines) to Bye"
    ]


def rules(*each: str) -> str:
    return "classifications:\n  c:\n    rules:\n" + "".join(f"      - {rule}\n" for rule in each)


def test_of_a_classification_the_rules_that_change_are_told_by_their_number() -> None:
    first = "{when: case.priority > 4, set: {level: 2}, reason: It is urgent}"
    second = "{when: case.priority < 2, set: {level: 1, type: question}, reason: It is not}"
    third = "{when: case.level > 3, set: {priority: 4}, reason: Experts have it}"
    assert changed("desk: {name: Service desk}\n", rules(first, second)) == ["add the classification c: 2 rules"]
    assert changed(rules(first, second), rules(first, second.replace("level: 1", "level: 3"))) == [
        "change the classification c: rule 2 set.level from 1 to 3"
    ]
    assert changed(rules(first, second), rules(third, first, second)) == [
        "change the classification c: with rule 1 (Experts have it)"
    ]
    assert changed(rules(third, first, second), rules(second)) == [
        "change the classification c: without rule 1 (Experts have it), without rule 2 (It is urgent)"
    ]
    assert changed(rules(first, second), rules(second, first)) == [
        "change the classification c: with rule 1 (It is not), without rule 2 (It is not)"
    ]
