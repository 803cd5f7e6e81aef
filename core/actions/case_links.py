"""What people and rules say of two cases: that they have to do with each other, or are one."""

from __future__ import annotations

from core import cases, merging
from core.actions import cases as case_actions
from core.actions.registry import action
from core.errors import NoMerge, WrongUsage
from data.text import storable
from data.transaction import Tx


@action("case.link", touches=("case",), undone_by="case.unlink")
def link(tx: Tx, case: int, other: int, *, why: str = "related") -> bool:
    """Note that a case has to do with another one; return False where that is noted already.

    Args:
        case: its number.
        other: the other's number.
        why: what they have in common.
    """
    if case == other:
        raise WrongUsage(reason="A case is linked to another one, not to itself.")
    cases.load(tx, min(case, other))
    cases.load(tx, max(case, other))
    return cases.link(tx, case, other, storable(why.strip()) or "related")


@action("case.unlink", touches=("case",), undone_by="case.link")
def unlink(tx: Tx, case: int, other: int) -> bool:
    """Take a link between two cases away; return False where there is none.

    Args:
        case: its number.
        other: the other's number.
    """
    if case == other:
        raise WrongUsage(reason="A case is linked to another one, not to itself.")
    cases.load(tx, min(case, other))
    cases.load(tx, max(case, other))
    return cases.unlink(tx, case, other)


@action("case.merge", touches=("case", "message", "work"))
def merge(tx: Tx, case: int, into: int) -> None:
    """Put a case into another one: its messages, customers, followers, tags and fields go there, and its number leads there.

    Who had it follows the other one.

    Args:
        case: the one that goes away; it is closed, and its work ends.
        into: the one that stays. What it has already, it keeps; where the customer wrote last, it is open again.
    """
    if case == into:
        raise NoMerge(case=case, into=into, why="they are the same case")
    # In one order, so that two people who merge two cases into each other do not wait for each other.
    rows = {number: cases.load(tx, number) for number in sorted((case, into))}
    if rows[into].status == "closed":
        raise NoMerge(case=case, into=into, why=f"#{into} is closed; reopen it first")
    gone, stays = rows[case], rows[into]
    if gone.owner_id is not None and gone.owner_id != stays.owner_id:
        cases.follow(tx, into, gone.owner_id)
    if gone.flag is not None:
        if stays.flag is None:
            cases.raise_flag(tx, stays, gone.flag.raw)
        cases.lower_flag(tx, gone)
    if gone.status != "closed":
        case_actions.finish(tx, gone, "closed")
    if merging.merge(tx, case, into):
        case_actions.customer_answered(tx, into)
