"""The benchmark of cold starts goes on measuring every function."""

import subprocess
import sys
from pathlib import Path

from app import app

PROJECT = Path(__file__).parents[2]


def test_it_starts_every_function_once_and_prints_it_beside_the_floor():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cold_start", "--runs", "1"],
        cwd=PROJECT, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]

    functions = {source.handler_string.rpartition(".")[2] for source in app.event_sources}
    assert {row.split(",")[0] for row in rows} >= functions | {"floor"}
    assert any(row.startswith("API: ") for row in rows)
