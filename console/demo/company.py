"""Who writes to the sample company, what they write, and what its agents answer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from string import Template

DESK_ADDRESS = "support@ursamajor.example"
ADDRESSES = (DESK_ADDRESS, "billing@ursamajor.example", "office@ursamajor.example")
"""Where customers write to; one mailbox for all of them."""
SUPERVISOR = "ida"
NEWCOMER = "maya"
"""Whose console opens in a terminal."""
AGENTS = ("maya", "sam", "tom", "ida")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with one story: a mail, the answer it gets, and perhaps a word back."""

    name: str
    address: str
    box: str
    subject: str
    text: str
    answer: str
    thanks: str = ""
    declined_once: str = ""
    """Why the first agent who is offered the case declines it, if one does."""
    attachment: tuple[str, str, bytes] | None = None


CUSTOMERS = (
    Customer(
        name="Lena Ortiz",
        address="lena@ortiz-farm.example",
        box="lena",
        subject="Inverter shows E-31 after the storm",
        text="Hello,\n\nsince the storm on Sunday the inverter in the garage shows E-31 and the yield is zero.\n"
        "The green lamp is off. What should I do?\n\nLena Ortiz\n",
        answer="Hello Lena,\n\nplease switch the DC side off for five minutes and on again: E-31 is the surge guard.\n"
        "Does the display still show it afterwards?\n\nUrsa Major Solar",
        thanks="It is gone, and we have power from the roof again. Thank you!\n",
    ),
    Customer(
        name="Omar Haddad",
        address="omar@haddad.example",
        box="omar",
        subject="Battery no longer charges after the update",
        text="Hi, my battery stays at 12 % since last night's update. Firmware 2.1. Please help.\n\nOmar\n",
        answer="Hello Omar,\n\nfirmware 2.1 resets the charging window. Set it to 00:00-24:00 under Battery, Times.\n\n"
        "Ursa Major Solar",
        declined_once="not my field",
    ),
    Customer(
        name="Aïcha Benali",
        address="aicha@benali.example",
        box="aicha",
        subject="Quel câble pour la borne ?",
        text="Bonjour,\n\nquel câble faut-il pour la borne murale de 11 kW ? Photo ci-jointe.\n\nMerci, Aïcha Benali\n",
        answer="Bonjour Aïcha,\n\npour 11 kW il faut un câble de 5 x 6 mm², protégé à 20 A. Votre photo le confirme.\n\n"
        "Ursa Major Solar",
        attachment=("borne murale.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
    ),
)


def desk_file(imap_port: int, smtp_port: int) -> str:
    """Return the sample company's configuration for a mail server on these ports."""
    text = files("console.demo").joinpath("desk.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(imap_port=imap_port, smtp_port=smtp_port)
