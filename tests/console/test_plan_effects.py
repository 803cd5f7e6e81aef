"""What `plan` and `apply` say beyond the changes themselves: what they would refuse, and what becomes of what the desk holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.main import main
from tests.builders import Story
from tests.console.driving import Ran
from tests.core.actions import does, marked

Says = Callable[..., Ran]


@pytest.fixture(params=["sqlite", "postgresql"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """A desk whose cases hold values, tags and a type, and whose agents hold work."""
    where = tmp_path / "desk.db" if request.param == "sqlite" else request.getfixturevalue("postgres")
    story = Story(where, marked(queues={"tier-1": ("maya", "tom"), "office": ("ida",)}))
    story.present("maya")
    for number, model in enumerate(("Sun 3", "Sun 3", "Sun 5, black"), 1):
        case = story.customer_writes(sender=f"c{number}@example.org")
        does(
            story, "admin", "case.set", case=case, fields={"model": model, "power": number, "product": f"Kit {number}"}
        )
        does(story, "admin", "case.tag", case=case, tag="vip")
    does(story, "admin", "case.set", case=1, fields={"type": "problem"})
    yield story
    story.desk.close()


@pytest.fixture
def says(held: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Says:
    """Run a command on that desk with a file of this text."""
    monkeypatch.setenv("DESKLINE_DESK", str(held.desk.where))
    monkeypatch.delenv("DESKLINE_AS", raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr("time.time_ns", lambda: held.clock.now * 1000)
    monkeypatch.chdir(tmp_path)

    def run(command: str, text: str, *options: str) -> Ran:
        Path("desk.yaml").write_text(text)
        capfd.readouterr()
        code = main([command, "desk.yaml", *options])
        return Ran(code, *capfd.readouterr())

    return run


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_plan_refuses_what_apply_refuses_and_both_name_the_line(says: Says, command: str) -> None:
    ran = says(command, "desk: {name: 12}\nfields:\n  power:\n    kind: text\n")
    assert ran.code == 2
    assert "desk.yaml:1: desk.name: expected text, got 12." in ran.err
    assert (
        "desk.yaml:4: fields.power.kind: the field is number and has values on 3 cases; it cannot become text."
        " Declare a field of another name instead." in ran.err
    )


DESK = "desk: {name: Ursa Major Solar, time_zone: Europe/Berlin, fallback_queue: tier-1, webhook_hosts: [hooks.example.org]"
PEOPLE = """\
agents:
  tom: {name: Tom, email: tom@ursamajor.example}
  ida: {name: Ida, email: ida@ursamajor.example}
queues:
  tier-1: {members: [tom]}
mailboxes:
  support:
    from: Ursa Major Solar <support@ursamajor.example>
    smtp: {host: 127.0.0.1, port: 1, tls: none}
    addresses: {support@ursamajor.example: {queue: tier-1}}
"""


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        (
            DESK + ", tags: [refund, outage]}\n",
            ["3 cases have the tag vip; they keep it, and no other case can be given it."],
        ),
        (
            DESK + ", tags: [vip, refund, outage], case_types: [question]}\n",
            ["1 case is of the type problem; it keeps it, and no other case can be given it."],
        ),
        (
            'fields: {model: {kind: choice, choices: ["Sun 5, black"]}}\n',
            ["2 cases have the choice Sun 3 in case.model; they keep it, and no other case can be given it."],
        ),
        (
            "fields: {product: {kind: choice, choices: [Kit 1]}}\n",
            ["2 cases have a text in case.product that is none of its choices; they keep it until it is set anew."],
        ),
        ("fields: {product: {kind: choice, choices: [Kit 1, Kit 2, Kit 3]}}\n", []),
        ("fields: {product: {label: Product}}\n", []),
    ],
    ids=["tag", "type", "choice", "text", "all text is a choice", "label"],
)
def test_what_cases_have_and_the_file_takes_away_is_told_with_how_many(
    says: Says, text: str, effects: list[str]
) -> None:
    planned = says("plan", text)
    assert planned.code == 0
    assert [line for line in planned.out.splitlines() if line.startswith("  ! ")] == [f"  ! {each}" for each in effects]
    assert json.loads(says("plan", text, "--json").out)["effects"] == effects
    applied = says("apply", text)
    assert (applied.code, "  ! " in applied.out) == (0, False)
    assert all(f"! {each.split(';')[0]}" in applied.err for each in effects)


def test_who_and_what_leaves_with_a_file_is_told_with_what_becomes_of_their_work(held: Story, says: Says) -> None:
    held.accept("maya", 1)
    held.present("ida", status="away")
    planned = says("plan", PEOPLE.replace("[tom]", "[]") + "fields: {product: {}}\n", "--prune", "--json")
    assert planned.code == 0, planned.err
    assert sorted(json.loads(planned.out)["effects"]) == [
        "3 cases have a value in case.model; it is kept, and hidden until the field is declared again.",
        "3 cases have a value in case.power; it is kept, and hidden until the field is declared again.",
        "3 pieces of work are in the hands of maya; they go back to their queues.",
    ]


def test_a_queue_and_a_status_that_leave_say_who_is_in_them(held: Story, says: Says) -> None:
    away = "presence_statuses: {lunch: {kind: busy}}\n"
    assert says("apply", away).code == 0
    held.present("tom", status="lunch")
    does(held, "admin", "case.assign", case=3, queue="office")
    kept = PEOPLE.replace("agents:\n", "agents:\n  maya: {name: Maya}\n")
    effects = json.loads(says("plan", kept, "--prune", "--json").out)["effects"]
    assert "1 case waits in office; it moves to the fallback queue, with its age." in effects
    assert "1 agent is in lunch and goes offline." in effects


def test_what_the_file_leaves_out_of_an_entry_is_set_off_from_what_it_changes(says: Says) -> None:
    planned = says("plan", "desk: {name: Ursa Minor, tags: [vip, refund, outage]}\n")
    assert planned.out.splitlines()[0] == (
        "change the desk: name from Ursa Major Solar to Ursa Minor, time_zone from Europe/Berlin to UTC (left out),"
        " fallback_queue from tier-1 to none (left out), webhook_hosts without hooks.example.org (left out)"
    )
