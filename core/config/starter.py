"""What a new desk starts with, before its own file is applied.

The defaults of the document's fields lean on these names (an agent's presence is `standard`, a queue's routing
`normal`), so `--prune` leaves them alone even when the file does not name them.
"""

from __future__ import annotations

from core.config.document import (
    Channel,
    Desk,
    Document,
    PresenceConfiguration,
    PresenceStatus,
    RoutingConfiguration,
)


def starter() -> Document:
    """The document that `deskline init` applies: one channel, three statuses, one way to work and one to route."""
    return Document(
        desk=Desk(),
        channels={"email": Channel(label="Mail")},
        presence_statuses={
            "available": PresenceStatus(label="Available", kind="available", channels=("email",)),
            "away": PresenceStatus(label="Away", kind="busy"),
            "offline": PresenceStatus(label="Offline", kind="offline"),
        },
        presence_configurations={"standard": PresenceConfiguration()},
        routing_configurations={"normal": RoutingConfiguration()},
    )
