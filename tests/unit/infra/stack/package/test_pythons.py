import sys
from pathlib import Path

import pytest

from infra.stack.package.pythons import Python, find_python
from tests.support.programs import interpreter


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its path, and a pyenv without versions."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path / "bin"


def test_an_interpreter_is_found_by_its_path():
    assert find_python(sys.executable) == Python(sys.executable, sys.version_info[:2])


def test_an_interpreter_is_found_by_its_name(path: Path):
    program = interpreter(path / "python3.12", "3 12")

    assert find_python("python3.12") == Python(str(program), (3, 12))


def test_one_that_pyenv_has_but_has_not_chosen_is_found_too(path: Path, tmp_path: Path):
    interpreter(path / "python3.12", "command not found", status=127)
    program = interpreter(tmp_path / "pyenv" / "versions" / "3.12.1" / "bin" / "python3.12", "3 12")

    assert find_python("python3.12") == Python(str(program), (3, 12))


@pytest.mark.parametrize(("answer", "status"), [("no version", 0), ("3", 0), ("3 12", 1)])
def test_what_is_no_interpreter_is_not_found(answer: str, status: int, path: Path):
    interpreter(path / "python3.12", answer, status)

    assert find_python("python3.12") is None


def test_what_is_not_there_is_not_found(path: Path):
    assert find_python("python3.12") is None
