"""Run the unit tests on every Python that functions may run on and that this machine has.

Each version has an environment of its own under .cache, with the pinned requirements.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from infra.stack.package.pythons import find_python

PROJECT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
SET_UP_SECONDS = 600
TEST_SECONDS = 1800


def main() -> int:
    """Run them; the exit status is 1 when tests failed, or when this machine has none of the versions."""
    parser = argparse.ArgumentParser(prog="python -m tests.pythons", description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS, help="default: %(default)s")
    parser.add_argument("--tests", default="tests/unit", help="what is run (default: %(default)s)")
    options = parser.parse_args()
    passed: dict[str, bool] = {}
    for version in options.versions:
        python = find_python(f"python{version}")
        if not python:
            print(f"Python {version} is not installed here: skipped", flush=True)
            continue
        print(f"Python {version}: {python.program}", flush=True)
        passed[version] = _run(python.program, version, options.tests)
    for version, well in passed.items():
        print(f"Python {version}: {'passed' if well else 'FAILED'}", flush=True)
    return 0 if passed and all(passed.values()) else 1


def _run(program: str, version: str, tests: str) -> bool:
    environment = PROJECT / ".cache" / "pythons" / version
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", "--allow-existing", "--python", program, str(environment)],
        [*uv, "pip", "sync", "--quiet", "--python", str(environment), "requirements-dev.txt"],
    ):
        if subprocess.run(command, cwd=PROJECT, timeout=SET_UP_SECONDS, check=False).returncode:
            return False
    pytest = [str(environment / "bin" / "python"), "-m", "pytest", "-q", *tests.split()]
    return not subprocess.run(pytest, cwd=PROJECT, timeout=TEST_SECONDS, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
