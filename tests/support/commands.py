"""The project's own commands, as its targets of make start them."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMAND_SECONDS = 150


def run(*command: str, endpoint: str = "", succeeds: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    Args:
        command: the module and its arguments.
        endpoint: the cloud's that it is for.
        succeeds: whether it should.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT, capture_output=True, text=True, timeout=COMMAND_SECONDS,
        env=environment | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
    )  # fmt: skip
    assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
    return done
