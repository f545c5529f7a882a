"""`make load`, for a moment: that it starts, measures, compares, and ends everything it started."""

import subprocess
import sys

import pytest

from tests.e2e.running import PROJECT


def load(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.load", *options]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=150)


def test_a_few_seconds_of_load_break_no_promise():
    done = load("--seconds", "4", "--clients", "4", "--seed", "1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("Seed 1: 4 clients for 4 s.")
    for kind in ("order", "search", "suggest", "list", "account"):
        assert f"\n{kind} " in done.stdout
    assert "units sold" in done.stdout
    assert done.stdout.endswith("\n0 violations.\n")


@pytest.mark.parametrize("options", [("--seconds", "0"), ("--clients", "-1"), ("--seconds", "soon")])
def test_a_wrong_option_is_a_clear_error(options: tuple[str, ...]):
    done = load(*options)

    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_a_product_that_is_not_there_is_a_clear_error():
    done = load("--url", "http://127.0.0.1:9")

    assert done.returncode == 1
    assert "The product could not be used" in done.stderr
