"""Every way in which a file can be wrong, with the place that the message names."""

import pytest

from core.config.document import Address, Document, Mailbox, Queue
from core.config.problems import ConfigRefused, Problem
from core.config.reading import read
from core.config.starter import starter
from tests.core.config.documents import desk_with


def problems(text: str, existing: Document | None = None) -> list[Problem]:
    with pytest.raises(ConfigRefused) as refused:
        read(text, "desk.yaml", existing if existing is not None else starter())
    assert refused.value.exit_code == 2
    return refused.value.problems


def told(text: str, existing: Document | None = None) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, str(problem).split(" ", 1)[1]) for problem in problems(text, existing)]


AGENTS = "agents:\n  maya: {name: Maya}\n  tom: {name: Tom}\n"
MAILBOX = """\
queues: {tier-1: {}}
mailboxes:
  support:
    imap:
      host: mail.desk.example
      user: support
      password: {command: pass show desk}
    from: Desk <support@desk.example>
    addresses:
      support@desk.example: {queue: tier-1}
"""


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("desk: {name: [}", 1, 15, "this is not YAML"),
        ("desk:\n\tname: x\n", 2, 1, "Indent with spaces, not with tabs."),
        ("desk: {name: a}\n---\ndesk: {}\n", 2, 1, "a second document begins here; a file holds one"),
        ("", 1, 1, "the file is empty"),
        ("# nothing yet\n", 1, 1, "the file is empty"),
        ("---\n", 1, 1, "the file is empty"),
        ("- desk\n", 1, 1, "expected sections such as desk, queues and agents, got a list"),
        ("desk\n", 1, 1, 'expected sections such as desk, queues and agents, got "desk"'),
        ("desk:\n  name: a\0b\n", 2, 10, "the character U+0000 does not belong in a text file"),
        ("desk:\n  name: a\x1b[2Jb\n", 2, 10, "the character U+001B does not belong in a text file"),
        ("desk:\n  name: a\u2028b\n", 2, 10, "the character U+2028 does not belong in a text file"),
        ("desk:\n  name: a\ud800b\n", 2, 10, "the character U+D800 does not belong in a text file"),
        ("a: &a\n  b: *a\n", 2, 6, "the alias *a stands inside what it names"),
        ("a: *b\n", 1, 4, "there is no anchor &b before this alias"),
        ("x" * 10_000_000, 1, 1, "the file has 10,000,000 characters; at most 2,000,000 are read"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(1000)), 21, 21, "more than 20 levels"),
        ("- " * 10_000 + "x", 1, 41, "more than 20 levels"),
    ],
)
def test_a_text_that_is_no_configuration_is_refused_at_once(text: str, line: int, column: int, message: str) -> None:
    (problem,) = problems(text)
    assert message in str(problem)
    assert (problem.line, problem.column) == (line, column)


def test_ten_thousand_levels_in_one_line_are_refused() -> None:
    (problem,) = problems("a: " + "[" * 10_000 + "]" * 10_000)
    assert problem.message.startswith("more than 20 levels")
    # libyaml looks a thousand characters ahead and meets its own bound there; the scanner in Python stops at ours.
    assert (problem.line, problem.column) in {(1, 23), (1, 1003)}


def test_an_alias_bomb_is_counted_and_not_walked() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    (problem,) = problems(bomb)
    assert problem.message == "the file holds more than 100,000 values, aliases written out"
    assert problem.line == 5


def test_aliases_nested_by_steps_are_as_deep_as_what_they_name() -> None:
    ladder = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000))
    (problem,) = problems(ladder)
    assert problem.message.startswith("more than 20 levels")


def test_an_alias_is_read_like_what_it_names_and_blamed_where_it_stands() -> None:
    text = MAILBOX.replace("{command:", "&secret {command:") + "agents:\n  maya:\n    name: *secret\n"
    assert told(text) == [(13, 11, "agents.maya.name: expected text, got a mapping")]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("queus:\n  tier-1: {}\n", 1, 1, 'queus: there is no such section. Did you mean "queues"?'),
        ("desk:\n  nmae: a\n", 2, 3, 'desk.nmae: there is no such field. Did you mean "name"?'),
        ("queues:\n  a: {x: 1}\n", 2, 7, "queues.a.x: there is no such field. Known are label, routing, members."),
        ("queues:\n  a: {}\n  b: {}\n  a: {}\n", 4, 3, "queues.a: stands twice, in the lines 2 and 4"),
        ("desk:\n  name: a\n  name: b\n", 3, 3, "desk.name: stands twice, in the lines 2 and 3"),
        ("desk: {}\nqueues: {}\ndesk: {}\n", 3, 1, "desk: stands twice, in the lines 1 and 3"),
        ("queues: [tier-1]\n", 1, 9, "queues: expected a mapping, got a list"),
        ("queues:\n  a: 12\n", 2, 6, "queues.a: expected a mapping, got 12"),
        ("queues:\n  a: {members: tom}\n", 2, 16, 'queues.a.members: expected a list, got "tom"'),
        ("queues:\n  a: {members: {}}\n", 2, 16, "queues.a.members: expected a list, got a mapping"),
        ("queues:\n  a: {members: [[]]}\n", 2, 17, "queues.a.members[0]: expected text, got a list"),
        (
            "queues:\n  a: {members: [no]}\n", 2, 17,
            "queues.a.members[0]: expected text, got false. Write it in quotes if it is meant as text.",
        ),
        ("queues:\n  no: {}\n", 2, 3, 'queues.no: this name reads as true or false. Write it in quotes: "no".'),
        ("queues:\n  yes: {}\n", 2, 3, 'queues.yes: this name reads as true or false. Write it in quotes: "yes".'),
        ("queues:\n  on: {}\n", 2, 3, 'queues.on: this name reads as true or false. Write it in quotes: "on".'),
        ("queues:\n  08: {}\n", 2, 3, 'queues.08: this name reads as a number. Write it in quotes: "08".'),
        ("queues:\n  12: {}\n", 2, 3, 'queues.12: this name reads as a number. Write it in quotes: "12".'),
        ("queues:\n  1e3: {}\n", 2, 3, 'queues.1e3: this name reads as a number. Write it in quotes: "1e3".'),
        ("queues:\n  null: {}\n", 2, 3, 'queues.null: this name reads as nothing. Write it in quotes: "null".'),
        ("queues:\n  ? [a]\n  : {}\n", 2, 5, "queues: a list or mapping stands where a name is expected"),
        (
            "queues:\n  <<: {}\n", 2, 3,
            "queues.<<: merging mappings with << is not supported. Write the fields out.",
        ),
        (
            "queues:\n  Tier 1: {}\n", 2, 3,
            'queues.Tier 1: "Tier 1" is no name: 1 to 40 of a to z, digits, dash, underscore and dot, a letter or digit'
            ' first. Perhaps "tier-1", with a label for the text that is shown.',
        ),
        (
            "agents:\n  jörg: {name: Jörg}\n", 2, 3,
            'agents.jörg: "jörg" is no name: 1 to 40 of a to z, digits, dash, underscore and dot, a letter or digit'
            ' first. Perhaps "joerg", with a name for the text that is shown.',
        ),
        (
            "calendars:\n  Été: {week: {mon: [\"09:00-12:00\"]}}\n", 2, 3,
            'calendars.Été: "Été" is no name: 1 to 40 of a to z, digits, dash, underscore and dot, a letter or digit'
            ' first. Perhaps "ete".',
        ),
        ("queues:\n  2026-12-24: {}\n", 2, 3, 'queues.2026-12-24: this name reads as a date. Write it in quotes: "2026-12-24".'),
        (
            "desk:\n  name: !!python/object:os.system x\n", 2, 9,
            "desk.name: the tag !!python/object:os.system is not allowed here. Leave it out.",
        ),
        ("desk: !!python/object/apply:os.system [ls]\n", 1, 7,
         "desk: the tag !!python/object/apply:os.system is not allowed here. Leave it out."),
        ('desk:\n  name: "a\\eb"\n', 2, 9, "desk.name: the text holds the control character U+001B"),
        ('desk:\n  name: "a\\0b"\n', 2, 9, "desk.name: the text holds the control character U+0000"),
        ('desk:\n  name: "a\\nb"\n', 2, 9, "desk.name: the text holds the control character U+000A"),
        ('desk:\n  name: "a\\u202eb"\n', 2, 9, "desk.name: the text holds the control character U+202E"),
        ('desk:\n  name: "a\\u2066b"\n', 2, 9, "desk.name: the text holds the control character U+2066"),
        ('desk:\n  name: "a\\u200bb"\n', 2, 9, "desk.name: the text holds the control character U+200B"),
        ("desk:\n  name: ''\n", 2, 9, "desk.name: the text is empty"),
        ("desk:\n  name:\n", 2, 8, "desk.name: expected text, got nothing"),
        (f"desk:\n  name: {'x' * 201}\n", 2, 9, "desk.name: the text has 201 characters; at most 200 are kept"),
        ("desk: {time_zone: Europe}\n", 1, 19, 'desk.time_zone: there is no time zone "Europe". Did you mean "Europe/Rome"?'),
        ("desk: {time_zone: ../../etc/passwd}\n", 1, 19,
         'desk.time_zone: there is no time zone "../../etc/passwd". Such as Europe/Berlin.'),
        ("desk: {language: Deutsch}\n", 1, 18, 'desk.language: expected a language such as en or pt-BR, got "Deutsch"'),
        (
            "desk: {language: no}\n", 1, 18,
            "desk.language: expected text, got false. Write it in quotes if it is meant as text.",
        ),
        ("desk: {after_reply: closed}\n", 1, 21,
         'desk.after_reply: expected one of open, waiting_customer, resolved, got "closed"'),
        ("desk: {case_types: [a, b, a]}\n", 1, 20, 'desk.case_types: "a" stands in the list twice'),
        ("routing_configurations:\n  r: {priority: 9}\n", 2, 17,
         "routing_configurations.r.priority: expected a whole number from 1 to 5, got 9"),
        ("routing_configurations:\n  r: {priority: '5'}\n", 2, 17,
         'routing_configurations.r.priority: expected a whole number from 1 to 5, got "5"'),
        ("routing_configurations:\n  r: {priority: true}\n", 2, 17,
         "routing_configurations.r.priority: expected a whole number from 1 to 5, got true"),
        ("routing_configurations:\n  r: {model: fair}\n", 2, 14,
         'routing_configurations.r.model: there is no routing model "fair"; known so far: least-active'),
        ("routing_configurations:\n  r: {push_timeout: 1w}\n", 2, 21,
         "routing_configurations.r.push_timeout: expected a duration such as 90s, 5m, 2h or 1d, or a number of seconds,"
         ' got "1w"'),
        ("routing_configurations:\n  r: {push_timeout: 0}\n", 2, 21,
         "routing_configurations.r.push_timeout: expected a duration from 1s to 3650d, got 0"),
        ("channels:\n  c: {weight: 0.0001}\n", 2, 15,
         "channels.c.weight: expected a number from 0 to 1000 with at most three decimals, got 0.0001"),
        ("channels:\n  c: {weight: -1}\n", 2, 15,
         "channels.c.weight: expected a number from 0 to 1000 with at most three decimals, got -1"),
        (f"channels:\n  c: {{weight: {'9' * 5000}}}\n", 2, 15,
         f'channels.c.weight: expected a number from 0 to 1000 with at most three decimals, got "{"9" * 59}…"'),
        ("presence_configurations:\n  p: {auto_accept: 1}\n", 2, 20,
         "presence_configurations.p.auto_accept: expected true or false, got 1"),
        ("presence_statuses:\n  s: {}\n", 2, 3, "presence_statuses.s.kind: is missing"),
        ("presence_statuses:\n  s: {kind: busy, channels: [email]}\n", 2, 6,
         "presence_statuses.s: channels belong to the kind available, and this one is busy"),
        ("presence_statuses:\n  s: {kind: available}\n", 2, 6,
         "presence_statuses.s: the kind is available, but channels names none. Such as channels: [email]."),
        ("agents:\n  maya: {name: Maya, email: maya}\n", 2, 29,
         'agents.maya.email: expected an address such as desk@example.org, got "maya"'),
        ("agents:\n  maya: {name: Maya, role: supervisr}\n", 2, 28,
         'agents.maya.role: expected one of agent, supervisor, admin, got "supervisr". Did you mean "supervisor"?'),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_place(text: str, line: int, column: int, message: str) -> None:
    assert told(text) == [(line, column, message)]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (AGENTS + "queues:\n  tier-1: {members: [maya, tmo]}\n", 5, 28,
         'queues.tier-1.members[1]: there is no agent "tmo". Did you mean "tom"?'),
        (AGENTS + "queues:\n  tier-1:\n    members:\n      - zoe\n      - maya\n", 7, 9,
         'queues.tier-1.members[0]: there is no agent "zoe"'),
        ("queues:\n  a: {routing: normla}\n", 2, 16,
         'queues.a.routing: there is no routing configuration "normla". Did you mean "normal"?'),
        ("desk: {fallback_queue: office}\n", 1, 24, 'desk.fallback_queue: there is no queue "office"'),
        ("desk: {fallback_queue: a}\nqueues: {a: {routing: null}}\n", 1, 24,
         'desk.fallback_queue: the queue "a" has no routing configuration, and a fallback queue needs one.'
         " Such as queues.a.routing: normal."),
        ("presence_configurations:\n  p: {status_after_timeout: awya}\n", 2, 29,
         'presence_configurations.p.status_after_timeout: there is no presence status "awya". Did you mean "away"?'),
        ("presence_statuses:\n  s: {kind: available, channels: [chat, email]}\n", 2, 35,
         'presence_statuses.s.channels[0]: there is no channel "chat"'),
        ("agents:\n  maya: {name: Maya, presence: senior}\n", 2, 32,
         'agents.maya.presence: there is no presence configuration "senior"'),
        (MAILBOX.replace("queue: tier-1", "queue: tier-2"), 10, 37,
         'mailboxes.support.addresses.support@desk.example.queue: there is no queue "tier-2". Did you mean "tier-1"?'),
        (MAILBOX.replace("queue: tier-1", "priority: 2"), 10, 7,
         "mailboxes.support.addresses.support@desk.example: no queue takes its cases."
         " Give it a queue, or the desk a fallback_queue."),
        (MAILBOX.replace("queue: tier-1", "queue: tier-1, type: problm"), 10, 51,
         "mailboxes.support.addresses.support@desk.example.type: there is no case type \"problm\"."
         ' Did you mean "problem"?'),
        (MAILBOX + "  other:\n    from: a@b.example\n    addresses: {Support@desk.example: {queue: tier-1}}\n", 13, 17,
         'mailboxes.other.addresses.Support@desk.example: the mailbox "support" has this address already'),
        (MAILBOX.replace("{command: pass show desk}", "{command: a, env: B}"), 7, 17,
         "mailboxes.support.imap.password: expected exactly one of command, file and env"),
        (MAILBOX.replace("      user: support\n", ""), 4, 5, "mailboxes.support.imap.user: is missing"),
        (MAILBOX.replace("from: Desk <support@desk.example>", "from: Desk"), 8, 11,
         'mailboxes.support.from: expected an address such as Name <desk@example.org>, got "Desk"'),
        (MAILBOX.replace("from:", "sender:"), 3, 3, "mailboxes.support.from: is missing"),
        (MAILBOX.replace("      support@desk.example", "      support"), 10, 7,
         'mailboxes.support.addresses.support: expected an address such as desk@example.org, got "support"'),
    ],
)  # fmt: skip
def test_a_name_that_leads_nowhere_is_named_with_its_place(text: str, line: int, column: int, message: str) -> None:
    assert (line, column, message) in told(text)
    assert len(told(text)) == (2 if "sender:" in text else 1)


def test_a_password_in_the_file_is_refused_and_not_repeated() -> None:
    for written in ("hunter2", "[hunter2]", "{env: hunter2!}", "{value: hunter2}", "{command: [hunter2]}"):
        text = MAILBOX.replace("{command: pass show desk}", written)
        assert problems(text)
        assert not any("hunter2" in str(problem) for problem in problems(text))
    (problem,) = problems(MAILBOX.replace("{command: pass show desk}", "hunter2"))
    assert (problem.line, problem.column) == (7, 17)
    assert problem.message == "a password is never in the configuration"


def test_a_hostile_text_is_quoted_without_its_control_characters() -> None:
    (problem,) = problems('queues: {a: {routing: "no\\u202ermal\\e[2J"}}')
    assert "\u202e" not in str(problem)
    assert "\x1b" not in str(problem)


def test_all_problems_are_told_together_and_none_that_only_follows() -> None:
    text = """\
desk: {name: 12, fallback_queue: offce}
queues:
  office: {routing: [], members: [tmo]}
  tier-1: {label: {}}
agents:
  tom: {nam: Tom}
  sara: {name: Sara, presence: standrad}
presence_statuses: [lunch]
presence_configurations:
  junior: {status_after_timeout: lunch}
"""
    assert [str(problem) for problem in problems(text)] == [
        "desk.yaml:1: desk.name: expected text, got 12. Write it in quotes if it is meant as text.",
        'desk.yaml:1: desk.fallback_queue: there is no queue "offce". Did you mean "office"?',
        "desk.yaml:3: queues.office.routing: expected text, got a list",
        'desk.yaml:3: queues.office.members[0]: there is no agent "tmo"',
        "desk.yaml:4: queues.tier-1.label: expected text, got a mapping",
        "desk.yaml:6: agents.tom.name: is missing",
        'desk.yaml:6: agents.tom.nam: there is no such field. Did you mean "name"?',
        'desk.yaml:7: agents.sara.presence: there is no presence configuration "standrad". Did you mean "standard"?',
        "desk.yaml:8: presence_statuses: expected a mapping, got a list",
    ]


def test_what_the_desk_has_may_be_referred_to() -> None:
    assert (
        told("queues: {a: {routing: null, members: [maya]}}", Document())[0][2]
        == 'queues.a.members[0]: there is no agent "maya"'
    )
    existing, _ = read(AGENTS, "desk.yaml", starter())
    whole = desk_with(agents=dict(existing.agents))
    document, _ = read("queues: {a: {members: [maya]}}", "desk.yaml", whole)
    assert document.queues == {"a": Queue(members=("maya",))}


def test_a_change_that_breaks_what_the_file_does_not_mention_is_blamed_on_the_change() -> None:
    existing = desk_with(
        desk=starter().desk.model_copy(update={"fallback_queue": "office"}), queues={"office": Queue()}
    )
    assert told("agents: {}\nqueues:\n  office: {routing: null}\n", existing) == [
        (
            3,
            21,
            'desk.fallback_queue: the queue "office" has no routing configuration, and a fallback queue needs one.'
            " Such as queues.office.routing: normal.",
        )
    ]


def test_an_address_of_a_mailbox_that_the_desk_has_is_taken() -> None:
    box = Mailbox(sender="a@b.example", addresses={"support@desk.example": Address(queue="tier-1")})
    existing = desk_with(queues={"tier-1": Queue()}, mailboxes={"old": box})
    assert told(MAILBOX, existing)[0][:2] == (10, 7)
    renamed, _ = read(MAILBOX, "desk.yaml", existing, prune=True)
    assert list(renamed.mailboxes) == ["support"]


def test_a_file_full_of_mistakes_is_refused_in_seconds() -> None:
    members = ", ".join(f"agnt-{number}" for number in range(20_000))
    agents = "".join(f"  agent-{number}: {{name: A, role: boss}}\n" for number in range(5_000))
    assert len(problems(f"queues: {{a: {{members: [{members}]}}}}\nagents:\n{agents}")) == 25_000
