import itertools

import pytest

from chalicelib.errors import Unavailable
from chalicelib.platform import retry


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
    monkeypatch.setattr(retry, "time", time)
    return time


def test_the_first_try_is_made_at_once(time: Time):
    assert next(retry.tries(3)) == 0
    assert time.sleeps == []


def test_tries_end_at_the_deadline_and_no_sleep_goes_past_it(time: Time):
    tries = list(retry.tries(3))

    assert tries == list(range(len(tries)))
    assert time.now == pytest.approx(3)


def test_waits_are_spread_over_everything_up_to_a_cap_that_doubles(time: Time):
    for _ in itertools.islice(retry.tries(1000), 2000):
        pass

    assert max(time.sleeps) <= retry.CAP_SECONDS
    assert time.sleeps[0] <= 2 * retry.BASE_SECONDS
    late = time.sleeps[10:]
    assert min(late) < retry.CAP_SECONDS / 10
    assert max(late) > retry.CAP_SECONDS * 0.9


def test_a_try_that_used_up_the_time_is_the_last(time: Time):
    tries = retry.tries(3)
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

    assert retry.persist(ask, 5.0) == "answer"


def test_persisting_ends_at_the_deadline_with_the_last_failure():
    def ask() -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable, match="away"):
        retry.persist(ask, 0.02)
