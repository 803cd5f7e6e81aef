"""`deskline case`: list, show, and all that is done to a case."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from console import completing
from console.commands.options import (
    AsOption,
    CsvOption,
    DeskOption,
    FileOption,
    JsonOption,
    LimitOption,
    Number,
    TextOption,
    act,
    actor_of,
    command,
    done,
    filled,
    form_of,
    noun,
    opened,
    piped_in,
    seconds,
    show,
    text_of,
)
from console.commands.options import number as parsed_number
from console.i18n import _
from console.render import TEXT, Sheet, clean, deliver

Tag = Annotated[str, typer.Argument(metavar="TAG", autocompletion=completing.tags)]
Follower = Annotated[str, typer.Option("--agent", autocompletion=completing.agents, help=_("Who follows it."))]

app = noun(_("Cases: what customers wrote about, and what became of it."))


class Then(StrEnum):
    """What a case is after an answer."""

    waiting_customer = "waiting_customer"
    open = "open"
    resolved = "resolved"


def change(
    number: int, desk: str | None, as_: str | None, json: bool, action: Callable[..., bool], did: str, had: str
) -> int:
    """Do something to a case, and say that it was done or had been done before."""
    changed = act(desk, as_, f"case {action.__name__}", action, number)
    return done({"case": number, "changed": changed}, json, (did if changed else had).format(number=number))


@command(app, "list", "deskline case list --owner maya --status open,on_hold")
def list_cases(
    desk: DeskOption = None,
    as_: AsOption = None,
    status: Annotated[str | None, typer.Option("--status", help=_("Only these statuses, with commas between."))] = None,
    all_: Annotated[bool, typer.Option("--all", help=_("Resolved and closed ones too."))] = False,
    owner: Annotated[
        str | None, typer.Option("--owner", autocompletion=completing.agents, help=_("Only this agent's."))
    ] = None,
    queue: Annotated[
        str | None, typer.Option("--queue", autocompletion=completing.queues, help=_("Only this queue's."))
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option("--channel", autocompletion=completing.channels, help=_("Only what came over this channel.")),
    ] = None,
    customer: Annotated[
        str | None, typer.Option("--customer", help=_("Only customers with this in name or address."))
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            autocompletion=completing.condition,
            help=_("Only cases for which this is true."),
        ),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option("--view", autocompletion=completing.views, help=_("Only those of one of the desk's views.")),
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", help=_("The page after this case, or after a page's `next`."))
    ] = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> int:
    """List cases that are not finished, those changed last first."""
    from console import reads_cases

    return show(
        desk,
        form_of(json, csv),
        reads_cases.case_list,
        who=as_,
        status=status,
        all=all_,
        owner=owner,
        queue=queue,
        channel=channel,
        customer=customer,
        where=where,
        view=view,
        before=before,
        limit=limit,
    )


@command(app, "show", "deskline case show '#412'")
def show_case(
    number: Number,
    desk: DeskOption = None,
    as_: AsOption = None,
    history: Annotated[int, typer.Option("--history", help=_("How many of the last events."))] = 10,
    all_: Annotated[bool, typer.Option("--all", help=_("All events."))] = False,
    json: JsonOption = False,
) -> int:
    """Show a case: its messages, who has the work, and what happened."""
    from console import reads_cases

    return show(desk, form_of(json), reads_cases.case_show, who=as_, number=number, history=history, all=all_)


@command(
    app,
    "new",
    "deskline case new --subject 'Inverter shows E-31' --from 'Lena Ortiz <lena@ortiz-farm.example>' --text 'It is dark.'",
)
def new_case(
    subject: Annotated[str, typer.Option("--subject", help=_("What it is about."))],
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ADDRESS", help=_("The customer: 'Name <address>'."))
    ] = None,
    text: TextOption = None,
    file: FileOption = None,
    priority: Annotated[int, typer.Option("--priority", help=_("1 low to 5 critical."))] = 3,
    type_: Annotated[str | None, typer.Option("--type", help=_("One of the desk's case types."))] = None,
    queue: Annotated[
        str | None, typer.Option("--queue", autocompletion=completing.queues, help=_("Where it is to go."))
    ] = None,
    channel: Annotated[
        str, typer.Option("--channel", autocompletion=completing.channels, help=_("Over which channel it came."))
    ] = "email",
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Open a case as a customer's mail would, and print its number."""
    from email.utils import parseaddr

    from core.actions import cases
    from core.errors import WrongUsage

    name, address = parseaddr(sender or "")
    if sender is not None and not address.partition("@")[2]:
        raise WrongUsage(reason=_("--from takes an address such as 'Lena Ortiz <lena@ortiz-farm.example>'."))
    said = text_of(text, file) if text is not None or file is not None or piped_in() else ""
    if text is not None or file is not None:
        filled(said, "--text" if file is None else str(file))
    with opened(desk, "case new") as place:
        number = place.run(
            actor_of(place, as_),
            cases.open_new,
            filled(subject, "--subject"),
            said,
            address=address,
            name=name,
            channel=channel,
            priority=priority,
            case_type=type_,
            queue=queue,
        )
    return deliver(Sheet({"case": number}, [f"#{number}"]), "json" if json else TEXT)


@command(app, "reply", "deskline case reply 412 --text 'Press reset for ten seconds.' --then resolved")
def reply(
    number: Number,
    text: TextOption = None,
    file: FileOption = None,
    then: Annotated[
        Then | None, typer.Option("--then", help=_("What the case is afterwards; else as the desk is set up."))
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Answer the customer; the engine sends it."""
    from core.actions import cases

    message = act(desk, as_, "case reply", cases.reply, number, text_of(text, file), then=then.value if then else None)
    words = _("#{number}: the answer is queued; the engine sends it.").format(number=number)
    return done({"case": number, "message": message}, json, words)


@command(app, "note", "deskline case note 412 --text 'Warranty ends in May.'")
def note(
    number: Number,
    text: TextOption = None,
    file: FileOption = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Add a note that the customer does not see."""
    from core.actions import cases

    message = act(desk, as_, "case note", cases.note, number, filled(text_of(text, file), _("The note")))
    return done({"case": number, "message": message}, json, _("#{number}: noted.").format(number=number))


@command(app, "assign", "deskline case assign 412 --agent maya")
def assign(
    number: Number,
    agent: Annotated[
        str | None, typer.Option("--agent", autocompletion=completing.agents, help=_("Who gets it at once."))
    ] = None,
    queue: Annotated[
        str | None, typer.Option("--queue", autocompletion=completing.queues, help=_("Whose line it joins."))
    ] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Give a case to an agent, or send it to a queue."""
    from core.actions import cases

    moved = act(desk, as_, "case assign", cases.assign, number, agent=agent, queue=queue)
    words = _("#{number}: now with {where}.") if moved else _("#{number}: with {where} already.")
    return done({"case": number}, json, words.format(number=number, where=agent or queue))


@command(app, "hold", "deskline case hold 412 --for 3d --reason 'waits for the spare part'")
def hold(
    number: Number,
    for_: Annotated[
        int, typer.Option("--for", parser=seconds, metavar="DURATION", help=_("For how long: 90s, 5m, 1h30m, 1d."))
    ],
    reason: Annotated[str, typer.Option("--reason", help=_("Why."))],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Set a case aside until a date brings it back."""
    from core.actions import cases

    act(desk, as_, "case hold", cases.hold, number, seconds=for_, reason=filled(reason, "--reason"))
    return done({"case": number}, json, _("#{number}: on hold.").format(number=number))


@command(app, "resolve", "deskline case resolve 412 --as maya")
def resolve(number: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Mark a case as solved."""
    from core.actions import cases

    did, had = _("#{number}: resolved."), _("#{number}: resolved already.")
    return change(number, desk, as_, json, cases.resolve, did, had)


@command(app, "close", "deskline case close 412")
def close(number: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Close a case for good; it takes a supervisor."""
    from core.actions import cases

    did, had = _("#{number}: closed."), _("#{number}: closed already.")
    return change(number, desk, as_, json, cases.close, did, had)


@command(app, "reopen", "deskline case reopen 412")
def reopen(number: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take a resolved or closed case up again: it goes back into its queue's line."""
    from core.actions import cases

    did, had = _("#{number}: open again."), _("#{number}: not finished, so nothing was changed.")
    return change(number, desk, as_, json, cases.reopen, did, had)


@command(app, "set", "deskline case set 412 priority=4 level=2")
def set_fields(
    number: Number,
    values: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", autocompletion=completing.field_values)],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Set fields of a case: subject, type, priority, level, language and the desk's own. FIELD= takes a value away."""
    from core.actions import case_fields
    from core.errors import WrongUsage

    pairs = [each.partition("=") for each in values]
    for name, sign, _value in pairs:
        if not sign:
            raise WrongUsage(reason=_("{word} sets nothing; write FIELD=VALUE.").format(word=clean(name)))
    if len({name for name, _sign, _value in pairs}) < len(pairs):
        raise WrongUsage(reason=_("A field is set once."))
    wanted = {name: value for name, _sign, value in pairs}
    changed = act(desk, as_, "case set", case_fields.set_fields, number, wanted)
    told = _("#{number}: {fields} set.") if changed else _("#{number}: nothing changed.")
    return done({"case": number, "changed": changed}, json, told.format(number=number, fields=", ".join(changed)))


@command(app, "tag", "deskline case tag 412 vip")
def tag(number: Number, tag: Tag, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Give a case one of the desk's tags."""
    from core.actions import case_fields

    changed = act(desk, as_, "case tag", case_fields.tag, number, tag)
    words = _("#{number}: tagged.") if changed else _("#{number}: has that tag already.")
    return done({"case": number, "changed": changed}, json, words.format(number=number))


@command(app, "untag", "deskline case untag 412 vip")
def untag(number: Number, tag: Tag, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take a tag off a case."""
    from core.actions import case_fields

    changed = act(desk, as_, "case untag", case_fields.untag, number, tag)
    words = _("#{number}: the tag is off.") if changed else _("#{number}: has no such tag.")
    return done({"case": number, "changed": changed}, json, words.format(number=number))


@command(app, "link", "deskline case link 412 398 --why 'same inverter'")
def link(
    number: Number,
    other: Number,
    why: Annotated[str, typer.Option("--why", help=_("What they have in common."))] = "related",
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Note that two cases have to do with each other."""
    from core.actions import case_links

    changed = act(desk, as_, "case link", case_links.link, number, other, why=why)
    words = _("#{number}: linked to #{other}.") if changed else _("#{number}: linked to #{other} already.")
    item = {"case": number, "other": other, "changed": changed}
    return done(item, json, words.format(number=number, other=other))


@command(app, "unlink", "deskline case unlink 412 398")
def unlink(
    number: Number, other: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False
) -> int:
    """Take a link between two cases away."""
    from core.actions import case_links

    changed = act(desk, as_, "case unlink", case_links.unlink, number, other)
    words = _("#{number}: no longer linked to #{other}.") if changed else _("#{number}: not linked to #{other}.")
    item = {"case": number, "other": other, "changed": changed}
    return done(item, json, words.format(number=number, other=other))


@command(app, "follow", "deskline case follow 412 --agent maya")
def follow(
    number: Number, agent: Follower, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False
) -> int:
    """Make an agent follow a case."""
    from core.actions import cases

    changed = act(desk, as_, "case follow", cases.follow, number, agent)
    words = _("#{number}: {agent} follows it.") if changed else _("#{number}: {agent} follows it already.")
    return done({"case": number, "changed": changed}, json, words.format(number=number, agent=agent))


@command(app, "unfollow", "deskline case unfollow 412 --agent maya")
def unfollow(
    number: Number, agent: Follower, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False
) -> int:
    """Stop an agent's following of a case."""
    from core.actions import cases

    changed = act(desk, as_, "case unfollow", cases.unfollow, number, agent)
    words = _("#{number}: {agent} no longer follows it.") if changed else _("#{number}: {agent} does not follow it.")
    return done({"case": number, "changed": changed}, json, words.format(number=number, agent=agent))


@command(app, "merge", "deskline case merge 413 --into 412")
def merge(
    number: Number,
    into: Annotated[
        int, typer.Option("--into", parser=parsed_number, metavar="NUMBER", help=_("The case that stays."))
    ],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Put a case into another one: its messages go there, and its number leads there. It cannot be taken back."""
    from core.actions import case_links

    act(desk, as_, "case merge", case_links.merge, number, into)
    words = _("#{number}: merged into #{into}.").format(number=number, into=into)
    return done({"case": number, "into": into}, json, words)


@command(app, "escalate", "deskline case escalate 412 --reason 'Needs an engineer'")
def escalate(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help=_("Why, for whoever gets it."))],
    queue: Annotated[
        str | None, typer.Option("--queue", autocompletion=completing.queues, help=_("In whose line it waits then."))
    ] = None,
    level: Annotated[int | None, typer.Option("--level", help=_("1 to 9; else the next one."))] = None,
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Bring a case to a higher level of support; who had it follows it."""
    from core.actions import escalating
    from core.actions.case_fields import BOUNDS

    reached = act(desk, as_, "case escalate", escalating.escalate, number, reason, queue=queue, level=level)
    # Without a level that is asked for, only at the highest one nothing rises.
    now = reached or level or BOUNDS["level"]
    words = _("#{number}: at level {level} now.") if reached else _("#{number}: at level {level} already.")
    item = {"case": number, "level": now, "changed": bool(reached)}
    return done(item, json, words.format(number=number, level=now))


@command(app, "flag", "deskline case flag 412 --reason 'Threatens to leave'")
def flag(
    number: Number,
    reason: Annotated[str, typer.Option("--reason", help=_("What is asked of a supervisor."))],
    desk: DeskOption = None,
    as_: AsOption = None,
    json: JsonOption = False,
) -> int:
    """Ask a supervisor to look at a case."""
    from core.actions import escalating

    act(desk, as_, "case flag", escalating.flag, number, filled(reason, "--reason"))
    return done({"case": number, "changed": True}, json, _("#{number}: flagged.").format(number=number))


@command(app, "unflag", "deskline case unflag 412")
def unflag(number: Number, desk: DeskOption = None, as_: AsOption = None, json: JsonOption = False) -> int:
    """Take the flag of a case down."""
    from core.actions import escalating

    did, had = _("#{number}: the flag is down."), _("#{number}: had no flag.")
    return change(number, desk, as_, json, escalating.unflag, did, had)
