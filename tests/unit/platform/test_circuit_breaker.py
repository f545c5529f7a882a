"""The circuit breaker around a dependency that tests switch off and on."""

import json
import logging
import threading

import pytest

from chalicelib.platform.circuit_breaker import CircuitBreaker
from chalicelib.platform.runtime import Runtime
from infra.local.processes import Processes

NEVER = 3600.0
AT_ONCE = 0.005


class Down(Exception):
    """What the dependency raises while it is down."""


class Dependency:
    """Answers, or is down; counts how often it was asked and probed."""

    def __init__(self) -> None:
        self.is_down = False
        self.asked = 0
        self.probed = 0

    def ask(self) -> str:
        self.asked += 1
        if self.is_down:
            raise Down("no answer")
        return "asked"

    def probe(self) -> None:
        self.probed += 1
        if self.is_down:
            raise OSError("not even what was expected")

    def behind(self, probe_seconds: float) -> CircuitBreaker:
        return CircuitBreaker(
            "It",
            "ItWasDown",
            failures=Down,
            probe=self.probe,
            runtime=Runtime(),
            probe_seconds=probe_seconds,
        )


@pytest.fixture(autouse=True)
def _everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "chalicelib.platform.circuit_breaker")


def test_a_dependency_that_is_well_is_asked_every_time():
    dependency = Dependency()
    breaker = dependency.behind(NEVER)

    assert [breaker.call(dependency.ask, _otherwise) for _ in range(3)] == ["asked"] * 3
    assert dependency.probed == 0


def test_after_one_failure_nobody_asks_any_more():
    dependency = Dependency()
    dependency.is_down = True
    breaker = dependency.behind(NEVER)

    assert [breaker.call(dependency.ask, _otherwise) for _ in range(100)] == ["otherwise"] * 100
    assert dependency.asked == 1


def test_an_outage_is_one_warning_and_one_metric(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    dependency = Dependency()
    dependency.is_down = True
    breaker = dependency.behind(NEVER)
    for _ in range(10):
        breaker.call(dependency.ask, _otherwise)

    assert caplog.messages == ["It is down, going on without it: no answer"]
    assert [json.loads(line)["ItWasDown"] for line in capsys.readouterr().out.splitlines()] == [1]


def test_it_is_asked_again_once_a_probe_finds_it_well(caplog: pytest.LogCaptureFixture):
    dependency = Dependency()
    dependency.is_down = True
    breaker = dependency.behind(AT_ONCE)
    breaker.call(dependency.ask, _otherwise)
    Processes().wait_until(lambda: dependency.probed > 2, 10)
    dependency.is_down = False
    Processes().wait_until(lambda: "It is back" in caplog.messages, 10)

    assert breaker.call(dependency.ask, _otherwise) == "asked"
    assert dependency.asked == 2
    assert len(caplog.messages) == 2


def test_a_mistake_of_ours_is_not_taken_for_an_outage():
    dependency = Dependency()
    breaker = dependency.behind(NEVER)

    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 // 0, lambda: 0)
    assert breaker.call(dependency.ask, _otherwise) == "asked"


def test_calls_that_fail_together_are_one_outage(caplog: pytest.LogCaptureFixture):
    breaker = Dependency().behind(NEVER)
    together = threading.Barrier(16)

    def fail() -> str:
        together.wait()
        raise Down("no answer")

    threads = [threading.Thread(target=breaker.call, args=(fail, _otherwise)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(caplog.messages) == 1


def test_a_call_that_fails_after_the_outage_it_began_before_is_over_does_not_start_another(
    caplog: pytest.LogCaptureFixture,
):
    dependency = Dependency()
    breaker = dependency.behind(AT_ONCE)

    def fail_late() -> str:
        dependency.is_down = True
        breaker.call(dependency.ask, _otherwise)
        dependency.is_down = False
        Processes().wait_until(lambda: "It is back" in caplog.messages, 10)
        raise Down("too late")

    assert breaker.call(fail_late, _otherwise) == "otherwise"
    assert breaker.call(dependency.ask, _otherwise) == "asked"
    assert len(caplog.messages) == 2


def _otherwise() -> str:
    return "otherwise"
