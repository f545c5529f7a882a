"""Finding the Python interpreters of this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ASK_SECONDS = 30


@dataclass(frozen=True)
class Python:
    """An interpreter that runs here: its program, and its version as (3, 12)."""

    program: str
    version: tuple[int, int]


def find_python(program: str) -> Python | None:
    """Return the first interpreter of this name that runs, or None.

    pyenv puts a `python3.12` on the path that fails while another version is chosen. So its own folders are
    searched after the path.

    Args:
        program: a path or a name such as `python3.12`.
    """
    return next((found for each in _candidates(program) if (found := _ask(each))), None)


def _candidates(program: str) -> Iterator[str]:
    if found := shutil.which(program):
        yield found
    if re.fullmatch(r"python\d+\.\d+", program):
        versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
        yield from map(str, sorted(versions.glob(f"*/bin/{program}")))


def _ask(program: str) -> Python | None:
    command = [program, "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=ASK_SECONDS)
        major, minor = map(int, answer.stdout.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Python(program, (major, minor))
