"""One tree of errors.

An error's docstring is its default message and its remedy, a template over its keyword arguments. Edges map the tree once: to an
exit code (CONSOLE: 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 desk unavailable), to a toast, to an HTTP status.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class DeskError(Exception):
    """{reason}"""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 409

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__()

    @classmethod
    def template(cls) -> str:
        """The message with its placeholders, as the text catalogue knows it."""
        text = cls.__doc__ or "{reason}"
        if "\n" not in text:
            return text.strip()
        import inspect  # costs a thin read half of what it takes

        return inspect.cleandoc(text)

    def __str__(self) -> str:
        return self.template().format(**self.params)


class Refused(DeskError):
    """{reason}"""


class WrongUsage(DeskError):
    """{reason}"""

    exit_code = 2
    http_status = 400


class NotFound(DeskError):
    """There is no {what} {which}."""

    exit_code = 3
    http_status = 404


class NotAllowed(DeskError):
    """{action} needs the role {needed}; {who} has the role {role}."""

    exit_code = 4
    http_status = 403


class Unavailable(DeskError):
    """{reason}"""

    exit_code = 5
    http_status = 503
