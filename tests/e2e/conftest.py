"""What end-to-end tests share."""

from pathlib import Path

import pytest

from tests.e2e.deployed import run


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of stage local's package for this machine, built by its command."""
    folder = tmp_path_factory.mktemp("package")
    run("infra.stack.package", "--stage", "local", "--out", str(folder))
    return folder
