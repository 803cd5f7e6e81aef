"""Secrets of the configuration, fetched each time they are needed, so that a changed one needs no restart and none is ever kept."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from core.config.document import Secret
from core.errors import Unavailable

_COMMAND_SECONDS = 30


class NoSecret(Unavailable):
    """A secret could not be had: {why}. Check where the configuration says that it comes from."""


def fetch_secret(secret: Secret) -> str:
    """Return a secret from its command, file or environment variable.

    Raises:
        NoSecret: the command failed, the file or the variable is not there.
    """
    try:
        if secret.env is not None:
            return os.environ[secret.env]
        if secret.file is not None:
            return Path(secret.file).expanduser().read_text().rstrip("\r\n")
        assert secret.command is not None
        done = subprocess.run(  # noqa: S603 - the admin's own command, without a shell
            shlex.split(secret.command),
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.rstrip("\r\n")
    except KeyError as error:
        raise NoSecret(why=f"the environment variable {secret.env} is not set") from error
    except subprocess.CalledProcessError as error:
        why = f"its command ended with {error.returncode}: {error.stderr.strip()[:200]}"
        raise NoSecret(why=why) from error
    except subprocess.TimeoutExpired as error:
        raise NoSecret(why=f"its command took over {_COMMAND_SECONDS} s") from error
    except (OSError, ValueError) as error:
        raise NoSecret(why=str(error)) from error
