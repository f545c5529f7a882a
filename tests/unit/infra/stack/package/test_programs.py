import sys

import pytest

from infra.stack.package.errors import NotPackaged
from infra.stack.package.programs import run


def test_a_program_that_fails_is_named_with_what_it_said():
    with pytest.raises(NotPackaged, match=r"^the step failed:\nno such wheel$"):
        run("the step", [sys.executable, "-c", "print('no such wheel'); raise SystemExit(3)"], 30)


def test_a_program_that_does_not_end_is_ended():
    with pytest.raises(NotPackaged, match=r"the step did not end within 0\.2 seconds"):
        run("the step", [sys.executable, "-c", "import time; time.sleep(60)"], 0.2)


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(NotPackaged, match="the step could not be started"):
        run("the step", ["/no/such/program"], 30)
