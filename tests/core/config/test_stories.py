from core.config.describing import describe
from core.config.plan import merge, plan
from core.config.reading import read
from core.config.starter import starter

DESK = """\
desk: {name: Ursa Major Solar, time_zone: Europe/Berlin, fallback_queue: tier-1}

queues:
  tier-1: {label: Tier 1, members: [maya, tom, kim]}

agents:
  maya: {name: Maya Lindqvist, email: maya@ursamajor.example, role: admin}
  tom: {name: Tom Oduya, email: tom@ursamajor.example}
  kim: {name: Kim Sato, email: kim@ursamajor.example}

mailboxes:
  support:
    imap: {host: mail.ursamajor.example, user: support, password: {command: pass show desk}}
    smtp: {host: mail.ursamajor.example, user: support, password: {command: pass show desk}}
    from: Ursa Major Solar <support@ursamajor.example>
    addresses:
      support@ursamajor.example: {queue: tier-1, type: question}
"""


def test_a_small_desk_is_set_up_by_twenty_lines() -> None:
    assert len(DESK.splitlines()) <= 20
    wanted, lines = read(DESK, "desk.yaml", starter())
    assert [describe(change) for change in plan(starter(), wanted, False, lines)] == [
        "add the agent kim: name Kim Sato, email kim@ursamajor.example",
        "add the agent maya: name Maya Lindqvist, email maya@ursamajor.example, role admin",
        "add the agent tom: name Tom Oduya, email tom@ursamajor.example",
        "add the queue tier-1: label Tier 1, members kim, maya, tom",
        "add the mailbox support: imap.host mail.ursamajor.example, imap.user support, "
        "imap.password.command pass show desk, smtp.host mail.ursamajor.example, smtp.user support, "
        "smtp.password.command pass show desk, from Ursa Major Solar <support@ursamajor.example>, "
        "addresses.support@ursamajor.example.queue tier-1, addresses.support@ursamajor.example.type question",
        "change the desk: name from Service desk to Ursa Major Solar, time_zone from UTC to Europe/Berlin, "
        "fallback_queue from none to tier-1",
    ]


def test_tom_leaves_and_the_file_says_so() -> None:
    first, _ = read(DESK, "desk.yaml", starter())
    desk = merge(starter(), first, prune=False)
    shorter = DESK.replace(", tom, kim]", ", kim]").replace(
        "  tom: {name: Tom Oduya, email: tom@ursamajor.example}\n", ""
    )
    wanted, lines = read(shorter, "desk.yaml", desk, prune=True)
    assert [describe(change) for change in plan(desk, wanted, True, lines)] == [
        "change the queue tier-1: members without tom",
        "remove the agent tom",
    ]


def test_a_change_made_at_a_screen_shows_before_the_file_undoes_it() -> None:
    first, _ = read(DESK, "desk.yaml", starter())
    desk = merge(starter(), first, prune=False)
    maya = desk.agents["maya"].model_copy(update={"presence": "standard", "role": "supervisor"})
    queue = desk.queues["tier-1"].model_copy(update={"routing": None})
    desk = desk.model_copy(
        update={
            "agents": {**desk.agents, "maya": maya},
            "queues": {"tier-1": queue},
        }
    )
    again, lines = read(DESK, "desk.yaml", desk)
    assert [describe(change) for change in plan(desk, again, False, lines)] == [
        "change the agent maya: role from supervisor to admin",
        "change the queue tier-1: routing from none to normal",
    ]
