import itertools

import pytest

from chalicelib import backoff
from chalicelib.errors import Unavailable


class Time:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(backoff, "time", time)
    return time


def test_the_first_try_is_made_at_once(time: Time):
    assert next(backoff.tries(3)) == 0
    assert time.sleeps == []


def test_tries_end_at_the_deadline_and_no_sleep_goes_past_it(time: Time):
    tries = list(backoff.tries(3))

    assert tries == list(range(len(tries)))
    assert time.now == pytest.approx(3)


def test_waits_are_spread_over_everything_up_to_a_cap_that_doubles(time: Time):
    for _ in itertools.islice(backoff.tries(1000), 2000):
        pass

    assert max(time.sleeps) <= backoff.CAP_SECONDS
    assert time.sleeps[0] <= 2 * backoff.BASE_SECONDS
    late = time.sleeps[10:]
    assert min(late) < backoff.CAP_SECONDS / 10
    assert max(late) > backoff.CAP_SECONDS * 0.9


def test_a_try_that_used_up_the_time_is_the_last(time: Time):
    tries = backoff.tries(3)
    next(tries)
    time.now = 5
    assert list(tries) == []


def test_persisting_ends_with_the_first_answer():
    answers = iter([Unavailable("not yet"), Unavailable("not yet"), "answer"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    assert backoff.persist(ask, 5.0) == "answer"


def test_persisting_ends_at_the_deadline_with_the_last_failure():
    def ask() -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable, match="away"):
        backoff.persist(ask, 0.02)
