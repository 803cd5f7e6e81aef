"""Each command's help has an example, and the example is a command line that the command accepts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from console.commands import tree


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in group.commands:
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands(tree.root()))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_one_example_that_the_command_accepts(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tree.run([*path, "--help"]) == 0
    text = capsys.readouterr().out
    head, _, example = text.partition("Example:\n")
    lines = [line.strip() for line in example.strip().splitlines()]
    assert len(lines) == 1, text
    words = shlex.split(re.split(" [<>] ", lines[0])[0])
    assert tuple(words[: len(path) + 1]) == ("deskline", *path)
    context = ALL[path].make_context(path[-1], words[len(path) + 1 :])  # fails with a usage error if it does not parse
    assert context.params is not None
    assert len(head.split("\n\n")) > 1


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_says_what_it_does_in_one_sentence(path: tuple[str, ...]) -> None:
    text = ALL[path].help
    assert text
    assert text.split("\n\n")[0].rstrip().endswith(".")


def test_every_command_that_shows_or_lists_writes_json() -> None:
    without = {
        " ".join(path) for path, command in ALL.items() if "json" not in {param.name for param in command.params}
    }
    assert not {
        path for path in without if path.split()[-1] in ("list", "show", "tail", "parse", "doctor", "verify", "badge")
    }
