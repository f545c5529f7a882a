"""What the commands have in common."""

import argparse

import pytest

from chalicelib.errors import NotFound, Unavailable
from chalicelib.platform.settings import Settings
from infra.commands import number_from, run_on_stage, steps

STAGE = argparse.Namespace(stage="dev", endpoint="http://localhost:4566")


def raising(error: Exception):
    def work(settings: Settings) -> int:
        raise error

    return work


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


def test_a_command_works_on_the_stage_that_it_names_and_its_status_is_passed_on():
    seen: list[Settings] = []

    def work(settings: Settings) -> int:
        seen.append(settings)
        return 7

    assert run_on_stage(STAGE, work, failure="Not done") == 7
    assert (seen[0].stage, seen[0].aws_endpoint_url) == ("dev", "http://localhost:4566")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotFound("There is no store 7."), "Not done: There is no store 7.\n"),
        (Unavailable("slow"), "Not done: slow; is http://localhost:4566 reachable?\n"),
        (KeyError("table"), "Not done: 'table'; do the tables of stage dev exist?\n"),
    ],
)
def test_an_error_is_one_line_that_says_where_to_look(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
):
    assert run_on_stage(STAGE, raising(error), failure="Not done", failed_status=2) == 2
    assert capsys.readouterr().err == line


def test_a_stage_that_cannot_be_is_an_error_before_any_work(capsys: pytest.CaptureFixture[str]):
    nowhere = argparse.Namespace(stage="No Such Stage", endpoint="")

    assert run_on_stage(nowhere, raising(AssertionError()), failure="Not done") == 1
    assert capsys.readouterr().err.startswith("Not done: environment: ")


def test_outside_a_terminal_steps_are_one_line(capsys: pytest.CaptureFixture[str]):
    with steps("Starting ...") as step:
        step("the cloud")
        step("the shops")

    assert capsys.readouterr().out == "Starting ...\n"


@pytest.mark.parametrize("text", ["0", "11"])
def test_a_number_out_of_its_range_is_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError, match="must be from 1 to 10"):
        number_from(1, 10)(text)
