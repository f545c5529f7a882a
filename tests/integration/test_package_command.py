import subprocess
import sys

import pytest

from infra.stack.package import __main__ as command
from infra.stack.package.target import ARM64, machine_architecture


def package(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "infra.stack.package", *options], capture_output=True, text=True, timeout=60
    )


def test_help_names_every_option():
    answer = package("--help")
    assert answer.returncode == 0
    for option in ("--stage", "--out", "--architecture", "--python"):
        assert option in answer.stdout


@pytest.mark.parametrize("options", [["--architecture", "mips"], ["--nothing"]])
def test_a_wrong_option_is_2(options: list[str]):
    assert package(*options).returncode == 2


def test_a_stage_that_is_not_configured_is_1_and_the_configured_ones_are_named(tmp_path):
    answer = package("--stage", "moon", "--out", str(tmp_path / "out"))
    assert answer.returncode == 1
    assert "Not packaged: there is no stage moon in .chalice/config.json, only" in answer.stderr
    assert "local" in answer.stderr


def test_a_python_that_is_not_there_is_1(tmp_path):
    answer = package("--python", "python9.9", "--out", str(tmp_path / "out"))
    assert answer.returncode == 1
    assert "python9.9 does not run here" in answer.stderr


def test_local_stages_run_on_this_machine_and_all_others_on_arm64():
    assert command.default_architecture("local") == machine_architecture()
    assert command.default_architecture("prod") == ARM64
