"""Who may do what: one ladder of roles for people, and named rights for the parts of the desk that act by themselves."""

from __future__ import annotations

from core.errors import NotAllowed
from data.actor import ENGINE, INTAKE, LOCAL_ADMIN, Actor, Role

LADDER: tuple[Role, ...] = ("agent", "supervisor", "admin")


def allowed(actor: Actor, role: Role, *, intake: bool = False) -> bool:
    """Say whether the actor may do what needs `role`: a higher rung, the engine, or intake where it has the right."""
    if actor.role == "engine":
        return True
    if actor.role == "intake":
        return intake
    return LADDER.index(actor.role) >= LADDER.index(role)


def require(actor: Actor, role: Role, action: str, *, intake: bool = False) -> None:
    """Refuse what the actor may not do.

    Raises:
        NotAllowed: it names the action, the role it needs and the actor's.
    """
    if not allowed(actor, role, intake=intake):
        raise NotAllowed(action=action, needed=role, who=str(actor), role=actor.role)


__all__ = ["ENGINE", "INTAKE", "LADDER", "LOCAL_ADMIN", "Actor", "Role", "allowed", "require"]
