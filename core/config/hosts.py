"""The values of a configuration that say where webhooks may go: host names and networks, in one form for each meaning."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from core.config.problems import got
from core.config.values import in_order, refusal
from core.webhooks import check_allowed


def _check_host(value: str) -> str:
    try:
        return check_allowed(value)
    except ValueError as error:
        why = str(error)
        hint = "" if "example.org" in why else "Such as hooks.example.org or *.example.org."
        raise refusal(f"{got(value)} is no host: {why}", hint) from None


def _check_network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value.strip()))
    except ValueError:
        raise refusal(f"{got(value)} is no network", _network_hint(value)) from None


def _network_hint(value: str) -> str:
    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return "Such as 10.0.5.0/24, or 10.0.5.7 for one address."
    return f"The network is {network}; one address stands without a slash."


Hosts = Annotated[tuple[Annotated[StrictStr, AfterValidator(_check_host)], ...], AfterValidator(in_order)]
Networks = Annotated[tuple[Annotated[StrictStr, AfterValidator(_check_network)], ...], AfterValidator(in_order)]
