import itertools
import random

import pytest

from chalicelib.errors import Conflict, Contended, Unavailable
from chalicelib.platform.retry import BASE_SECONDS, CAP_SECONDS, Retry
from chalicelib.platform.runtime import Runtime


class Time:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def retry(time: Time) -> Retry:
    return Retry(Runtime(monotonic=time.monotonic, sleep=time.sleep, random=random.Random(1)))


def test_the_first_attempt_is_made_at_once(retry: Retry, time: Time):
    assert next(retry.attempts(3)) == 0
    assert time.sleeps == []


def test_attempts_end_at_the_deadline_and_no_sleep_goes_past_it(retry: Retry, time: Time):
    attempts = list(retry.attempts(3))

    assert attempts == list(range(len(attempts)))
    assert time.now == pytest.approx(3)


def test_waits_are_spread_over_everything_up_to_a_cap_that_doubles(retry: Retry, time: Time):
    for _ in itertools.islice(retry.attempts(1000), 2000):
        pass

    assert max(time.sleeps) <= CAP_SECONDS
    assert time.sleeps[0] <= 2 * BASE_SECONDS
    late = time.sleeps[10:]
    assert min(late) < CAP_SECONDS / 10
    assert max(late) > CAP_SECONDS * 0.9


def test_an_attempt_that_used_up_the_time_is_the_last(retry: Retry, time: Time):
    attempts = retry.attempts(3)
    next(attempts)
    time.now = 5
    assert list(attempts) == []


def test_retrying_ends_with_the_first_answer(retry: Retry):
    answers = iter([Unavailable("not yet"), None, Unavailable("not yet"), "answer"])

    def ask() -> str | None:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    assert retry.until(5.0, ask) == "answer"


def test_retrying_ends_at_the_deadline_with_the_last_failure(retry: Retry):
    def ask() -> None:
        raise Unavailable("away")

    with pytest.raises(Unavailable, match="away"):
        retry.until(0.02, ask)


def test_retrying_without_an_answer_ends_with_the_failure_that_was_given(retry: Retry):
    with pytest.raises(Contended, match="busy"):
        retry.until(0.02, lambda: None, Contended("busy"))


def test_an_error_that_is_not_transient_is_not_retried(retry: Retry, time: Time):
    def ask() -> None:
        raise Conflict("final")

    with pytest.raises(Conflict):
        retry.until(5.0, ask)
    assert time.sleeps == []
