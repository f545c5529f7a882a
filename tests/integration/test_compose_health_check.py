"""The cloud's health check of the compose file, run as Docker would, against a cloud without Docker."""

import subprocess
import sys
from pathlib import Path

import yaml

from infra.local import cloud
from infra.local.processes import Processes, free_port

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.localstack.yml"


def check(port: int) -> int:
    """Run the health check as if this port were the container's own, and return its exit status."""
    _, program, *arguments = yaml.safe_load(COMPOSE_FILE.read_text())["services"]["cloud"]["healthcheck"][
        "test"
    ]
    assert program == "python3"
    command = [sys.executable, *(argument.replace("4566", str(port)) for argument in arguments)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=30).returncode


def test_a_cloud_that_answers_is_healthy():
    with Processes() as processes:
        endpoint = cloud.start_ministack(processes)
        assert check(int(endpoint.rsplit(":", 1)[1])) == 0


def test_a_cloud_that_does_not_answer_is_not():
    assert check(free_port()) != 0
