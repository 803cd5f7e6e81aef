"""Who acts: an argument of every transaction, and a column of every journal row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["agent", "supervisor", "admin", "engine", "intake"]
ActorKind = Literal["agent", "customer", "engine", "intake", "admin"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts, with the role that says what it may do."""

    kind: ActorKind
    role: Role
    id: int | None = None
    name: str = ""

    @property
    def is_person(self) -> bool:
        """Whether it is somebody, and not a part of the desk that acts by itself."""
        return self.kind not in ("engine", "intake")

    def __str__(self) -> str:
        return self.name or self.kind


ENGINE = Actor("engine", "engine", name="engine")
INTAKE = Actor("intake", "intake", name="mail intake")
LOCAL_ADMIN = Actor("admin", "admin", name="admin")
