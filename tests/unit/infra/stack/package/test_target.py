import platform
import sys
from pathlib import Path

import pytest

from infra.stack.package.errors import NotPackaged
from infra.stack.package.target import ARM64, X86_64, Target, machine_architecture, target_of
from tests.support.programs import interpreter


def test_the_functions_run_on_the_version_of_the_interpreter_that_was_named():
    target = target_of(sys.executable, ARM64)

    assert target.runtime == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert target.platform == "aarch64-manylinux2014"


def test_an_interpreter_that_is_not_there_is_named():
    with pytest.raises(NotPackaged, match=r"python9\.9 does not run here; name another"):
        target_of("python9.9", ARM64)


def test_an_interpreter_that_is_too_old_is_refused(tmp_path: Path):
    with pytest.raises(NotPackaged, match=r"name one of 3\.11 or newer"):
        target_of(str(interpreter(tmp_path / "python", "3 9")), X86_64)


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", X86_64), ("AMD64", X86_64), ("aarch64", ARM64), ("arm64", ARM64)],
)
def test_a_machine_has_the_architecture_that_lambda_knows_it_by(machine, architecture, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert machine_architecture() == architecture


def test_a_processor_that_lambda_has_not_is_refused(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(NotPackaged, match="riscv64; choose with --architecture"):
        machine_architecture()


def test_wheels_are_chosen_for_the_processor():
    target = Target(python="python3.13", python_version="3.13", architecture=X86_64)
    assert (target.runtime, target.platform) == ("python3.13", "x86_64-manylinux2014")
