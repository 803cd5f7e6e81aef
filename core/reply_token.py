"""The signed reply token: our Message-IDs name their case and message and prove that this desk made them.

`<412.1034.k3f9…@ursamajor.example>`: case number, message id, and 80 bits of an HMAC over both, in base 32.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

_TOKEN = re.compile(r"<?(\d{1,18})\.(\d{1,18})\.([a-z2-7]{16})@")

_MESSAGE_ID = re.compile(r"<\d{1,18}\.\d{1,18}\.[a-z2-7]{16}@[^\s<>]{1,255}>")


def sign(key: str, case_id: int, message_id: int) -> str:
    """Return the local part of the Message-ID of an answer."""
    return f"{case_id}.{message_id}.{_signature(key, case_id, message_id)}"


def _signature(key: str, case_id: int, message_id: int) -> str:
    digest = hmac.digest(bytes.fromhex(key), f"reply:{case_id}:{message_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode().lower()


def mentioned(text: str) -> list[str]:
    """Return what looks like a Message-ID of ours in a text, in its order, each once."""
    return list(dict.fromkeys(_MESSAGE_ID.findall(text)))


def claimed(texts: Iterable[str]) -> list[int]:
    """Return the cases that tokens in these texts name, whether or not this desk made them."""
    return list(dict.fromkeys(int(found[0]) for text in texts for found in _TOKEN.findall(text.lower())))


def find(key: str, texts: Iterable[str]) -> tuple[int | None, bool]:
    """Look for a token of ours in Message-IDs or addresses.

    Returns:
        The case number of the first token with a right signature, or None; and whether a forged one was seen.
    """
    forged = False
    for text in texts:
        for case_id, message_id, signature in _TOKEN.findall(text.lower()):
            if hmac.compare_digest(signature, _signature(key, int(case_id), int(message_id))):
                return int(case_id), forged
            forged = True
    return None, forged
