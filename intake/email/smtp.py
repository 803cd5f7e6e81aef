"""Sending mail: one message, or several over one connection.

A failure says whether trying again can help, who was refused and who already has the message. When the connection drops
after the message was sent and before the server answered, nobody can know: such a failure is temporary and `uncertain`,
and a second try must carry the same Message-ID.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from data.errors import DeskError

AUTH_CODES = frozenset({530, 534, 535, 538})  # about our account, which can be repaired; not about the message
PASSING = re.compile(r"\b4\.\d{1,3}\.\d{1,3}\b|gr[ae]y-?list|try (again|it) later|temporar", re.IGNORECASE)
NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f<>]")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes our mail."""

    host: str
    port: int
    tls: Literal["tls", "starttls", "none"] = "starttls"
    user: str | None = None
    password: Callable[[], str] | None = None  # asked at each login
    timeout: float = 30.0  # seconds to connect, and for each answer
    helo: str | None = None  # the name we greet with; None: this machine's

    @property
    def server(self) -> str:
        """The server as an error names it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    code: int  # 0: nothing, the connection failed
    text: str

    @property
    def permanent(self) -> bool:
        """Whether the same message will be refused again: 5xx, unless it is about the login or says that it passes."""
        return 500 <= self.code < 600 and self.code not in AUTH_CODES and not PASSING.search(self.text)

    def __str__(self) -> str:
        return f"{self.code} {self.text}" if self.code else self.text


class SendFailed(DeskError):
    """{server} did not take the message: {answer}"""

    permanent: bool
    uncertain: bool
    refused: Mapping[str, Answer]
    accepted: Sequence[str]

    def __init__(
        self,
        *,
        server: str,
        answer: Answer,
        permanent: bool | None = None,
        uncertain: bool = False,
        refused: Mapping[str, Answer] | None = None,
        accepted: Sequence[str] = (),
        **params: Any,
    ) -> None:
        super().__init__(server=server, answer=str(answer), **params)
        self.permanent = answer.permanent if permanent is None else permanent
        self.uncertain = uncertain  # the server had the whole message and never answered: it may have been delivered
        self.refused = refused or {}
        self.accepted = accepted  # these have the message; it must not be sent to them again


class SomeRefused(SendFailed):
    """{server} refused {count} of the recipients: {answer}"""


class SmtpSession:
    """One connection for several messages: made when the first is sent, and again when the server has dropped it."""

    def __init__(self, settings: SmtpSettings, *, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> SmtpSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye, if there is anybody."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def send(self, sender: str, recipients: Sequence[str], message: bytes) -> None:
        """Send one message; `sender` is the envelope's, empty for the null sender. Raises `SendFailed`."""
        recipients = list(dict.fromkeys(recipients))
        self._check(sender, recipients)
        reused = self._smtp is not None
        refused = self._envelope(sender, recipients, message, again=reused)
        accepted = [recipient for recipient in recipients if recipient not in refused]
        if accepted:
            self._content(message)
        if refused:
            text = "; ".join(f"{recipient}: {answer}" for recipient, answer in refused.items())
            kind = SomeRefused if accepted else SendFailed
            raise kind(
                server=self._settings.server,
                answer=Answer(0, text),
                permanent=all(answer.permanent for answer in refused.values()),
                refused=refused,
                accepted=accepted,
                count=len(refused),
            )

    def _check(self, sender: str, recipients: Sequence[str]) -> None:
        # A line end in an address would be a command of its own.
        for address in (sender, *recipients):
            if NOT_IN_ADDRESS.search(address) or (not address and address is not sender):
                raise self._never(f"{address!r} is no address")
        if not recipients:
            raise self._never("there is no recipient")

    def _never(self, reason: str) -> SendFailed:
        return SendFailed(server=self._settings.server, answer=Answer(0, reason), permanent=True)

    def _envelope(self, sender: str, recipients: Sequence[str], message: bytes, *, again: bool) -> dict[str, Answer]:
        """Name sender and recipients to the server; returns those refused. `again`: reconnect if this one is dead."""
        smtp = self._smtp = self._smtp or self._connect()
        options = ["BODY=8BITMIME"] if not message.isascii() and smtp.has_extn("8bitmime") else []
        if not all(address.isascii() for address in (sender, *recipients)):
            options.append("SMTPUTF8")
        refused: dict[str, Answer] = {}
        try:
            answer = _answer(smtp.mail(sender, options))
            if answer.code == 250:
                for recipient in recipients:
                    answer = _answer(smtp.rcpt(recipient))
                    if answer.code == 421:
                        break
                    if answer.code not in (250, 251):
                        refused[recipient] = answer
                else:
                    if len(refused) == len(recipients):
                        smtp.rset()
                    return refused
        except smtplib.SMTPNotSupportedError as error:
            raise self._never(_said(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            answer = Answer(0, _said(error))
        if answer.code not in (0, 421):
            with suppress(smtplib.SMTPException, OSError):
                smtp.rset()
            raise SendFailed(server=self._settings.server, answer=answer)
        self._drop()
        if again:  # servers close connections that were idle, or that brought enough messages
            return self._envelope(sender, recipients, message, again=False)
        raise SendFailed(server=self._settings.server, answer=answer)

    def _content(self, message: bytes) -> None:
        assert self._smtp is not None
        try:
            # A lone CR or LF becomes a line end: servers disagree about them, and one could hide a second message.
            answer = _answer(self._smtp.data(re.sub(rb"\r\n|\r|\n", b"\r\n", message)))
        except smtplib.SMTPDataError as error:
            answer = Answer(error.smtp_code, _text(error.smtp_error))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise SendFailed(server=self._settings.server, answer=Answer(0, _said(error)), uncertain=True) from error
        if answer.code == 250:
            return
        if answer.code == 421:
            self._drop()
        else:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.rset()
        raise SendFailed(server=self._settings.server, answer=answer)

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _connect(self) -> smtplib.SMTP:
        """A greeted and logged-in connection. What fails here is no fault of the message, so it is never permanent."""
        settings = self._settings
        context = self._context or ssl.create_default_context()
        address = (settings.host, settings.port, settings.helo)
        smtp: smtplib.SMTP | None = None
        try:
            if settings.tls == "tls":
                smtp = smtplib.SMTP_SSL(*address, timeout=settings.timeout, context=context)
            else:
                smtp = smtplib.SMTP(*address, timeout=settings.timeout)
            if settings.tls == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if settings.user is not None and settings.password is not None:
                smtp.login(settings.user, settings.password())
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if smtp is not None:
                smtp.close()
            raise SendFailed(server=settings.server, answer=_refusal(error, settings), permanent=False) from error
        return smtp


def send(
    settings: SmtpSettings,
    sender: str,
    recipients: Sequence[str],
    message: bytes,
    *,
    context: ssl.SSLContext | None = None,
) -> None:
    """Send one message over a connection of its own. Raises `SendFailed`."""
    with SmtpSession(settings, context=context) as session:
        session.send(sender, recipients, message)


def _refusal(error: Exception, settings: SmtpSettings) -> Answer:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Answer(error.smtp_code, f"{_text(error.smtp_error)} (correct the user {settings.user} or the password)")
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer(error.smtp_code, _text(error.smtp_error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return Answer(0, f"its certificate is not trusted: {error.verify_message}")
    return Answer(0, _said(error))


def _answer(answered: tuple[int, bytes]) -> Answer:
    return Answer(answered[0], _text(answered[1]))


def _said(error: Exception) -> str:
    return _text(str(error)) or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]
