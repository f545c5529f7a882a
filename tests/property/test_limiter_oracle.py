"""Both limiters against the moving window of the `limits` library, under arrivals that Hypothesis makes up.

Arrivals lie whole milliseconds apart, plus one microsecond for each arrival before: so no two are exactly one
window apart, where `limits` still counts the older request and we do not.
"""

import types
from collections.abc import Callable, Iterator

import limits
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limits.storage import MemoryStorage, memory
from limits.strategies import MovingWindowRateLimiter
from redis import Redis

from chalicelib.platform.rate_limits import redis as ratelimit_redis
from chalicelib.platform.rate_limits.limiter import Decision, InProcessLimiter, Limit
from chalicelib.platform.rate_limits.redis import RedisLimiter
from chalicelib.platform.redis import redis_client
from chalicelib.platform.runtime import Runtime
from tests.support.redis import running_redis

CLOCK_KEY = "the-time-of-the-test"

gaps = st.lists(st.one_of(st.integers(0, 400), st.integers(0, 5000)), max_size=60)
some_limits = st.builds(Limit, st.just("default"), st.integers(1, 6), st.integers(1, 4))

reproducible = settings(
    derandomize=True,
    deadline=None,
    # The fixtures are not about one example: each clears what the one before left behind.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Time:
    """Microseconds that pass when a test says so."""

    def __init__(self) -> None:
        self.microseconds = 0

    def seconds(self) -> float:
        return self.microseconds / 1_000_000


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(memory, "time", types.SimpleNamespace(time=time.seconds))
    return time


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with running_redis() as server:
        # Patient, because a busy machine is not what these tests are about.
        client = redis_client(server.url, timeout_seconds=10)
        yield client
        client.close()


@given(gaps=gaps, limit=some_limits)
@reproducible
def test_the_limiter_in_process_decides_as_the_moving_window_of_limits_does(
    time: Time, gaps: list[int], limit: Limit
):
    time.microseconds = 0
    limiter = InProcessLimiter(now=time.seconds)

    _assert_equal_to_the_oracle(lambda: limiter.hit(limit, "ann"), time, gaps, limit)


@given(gaps=gaps, limit=some_limits)
@reproducible
def test_the_script_in_redis_decides_as_the_moving_window_of_limits_does(
    time: Time, redis: Redis, gaps: list[int], limit: Limit
):
    """A real Redis runs the script, with one change: it reads the time from a key that the test sets."""
    script = ratelimit_redis.SCRIPT.replace(
        "redis.call('TIME')", f"redis.call('LRANGE', '{CLOCK_KEY}', 0, 1)"
    )
    assert script != ratelimit_redis.SCRIPT
    redis.flushall()
    time.microseconds = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ratelimit_redis, "SCRIPT", script)
        limiter = RedisLimiter(redis, _NoLimiter(), Runtime())

    def hit() -> Decision:
        redis.delete(CLOCK_KEY)
        redis.rpush(CLOCK_KEY, *divmod(time.microseconds, 1_000_000))
        return limiter.hit(limit, "ann")

    _assert_equal_to_the_oracle(hit, time, gaps, limit)
    assert redis.llen("ratelimit:default:ann") <= limit.max_requests


@given(gaps=gaps, limit=some_limits)
@reproducible
def test_no_window_from_any_moment_on_holds_more_requests_than_the_limit(gaps: list[int], limit: Limit):
    time = Time()
    limiter = InProcessLimiter(now=time.seconds)
    allowed = []
    for gap in gaps:
        time.microseconds += gap * 1000
        if limiter.hit(limit, "ann").allowed:
            allowed.append(time.seconds())

    # The windows that matter begin with an allowed request.
    for begin in allowed:
        within = [moment for moment in allowed if 0 <= moment - begin < limit.window_seconds]
        assert len(within) <= limit.max_requests


class _NoLimiter:
    """Redis must never be found down here."""

    def hit(self, limit: Limit, caller: str) -> Decision:
        raise AssertionError("Redis was found down")


def _assert_equal_to_the_oracle(
    hit: Callable[[], Decision], time: Time, gaps: list[int], limit: Limit
) -> None:
    storage = MemoryStorage()
    oracle = MovingWindowRateLimiter(storage)
    item = limits.RateLimitItemPerSecond(limit.max_requests, limit.window_seconds)
    for gap in gaps:
        time.microseconds += gap * 1000 + 1
        decision = hit()
        assert decision.allowed == oracle.hit(item, "ann")
        until, remaining = oracle.get_window_stats(item, "ann")
        assert decision.remaining == remaining
        assert decision.reset_seconds - 1 < until - time.seconds() + 1e-6
        assert decision.reset_seconds + 1e-6 > until - time.seconds()
    # The library drops old entries in a timer thread of its own, which must not outlive the example.
    storage.timer.join()
