"""Running the programs that packaging is made of: quiet unless they fail."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from infra.stack.package.errors import NotPackaged


def run(
    name: str, command: Sequence[str], seconds: float, environment: Mapping[str, str] = os.environ
) -> None:
    """Run a program to its end.

    Args:
        name: for messages.
        command: program and arguments.
        seconds: how long it may take.
        environment: all of its environment.

    Raises:
        NotPackaged: it failed or took too long; the message ends with its output.
    """
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotPackaged(f"{name} did not end within {seconds:g} seconds") from error
    except OSError as error:
        raise NotPackaged(f"{name} could not be started: {error}") from error
    if done.returncode:
        raise NotPackaged(f"{name} failed:\n{done.stdout.rstrip()}")
