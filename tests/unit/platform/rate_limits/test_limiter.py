"""The limiter within one process, in a time of its own."""

from concurrent.futures import ThreadPoolExecutor

from chalicelib.platform.rate_limits.limiter import Decision, InProcessLimiter, Limit

LIMIT = Limit("default", 3, 60)


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 12345.5

    def __call__(self) -> float:
        return self.now


def test_as_many_requests_as_the_limit_pass_and_the_next_is_refused():
    limiter = InProcessLimiter(now=Stopwatch())

    assert [limiter.hit(LIMIT, "ann") for _ in range(4)] == [
        Decision(True, LIMIT, 2, 60),
        Decision(True, LIMIT, 1, 60),
        Decision(True, LIMIT, 0, 60),
        Decision(False, LIMIT, 0, 60),
    ]


def test_each_caller_and_each_limit_counts_apart():
    limiter = InProcessLimiter(now=Stopwatch())
    for _ in range(3):
        limiter.hit(LIMIT, "ann")

    assert not limiter.hit(LIMIT, "ann").allowed
    assert limiter.hit(LIMIT, "bob").allowed
    assert limiter.hit(Limit("suggest", 3, 60), "ann").allowed


def test_a_caller_who_waits_as_long_as_told_passes_and_a_second_earlier_does_not():
    time = Stopwatch()
    limiter = InProcessLimiter(now=time)
    for _ in range(3):
        limiter.hit(LIMIT, "ann")
        time.now += 10.25
    refused = limiter.hit(LIMIT, "ann")
    assert refused.retry_after_seconds == 30  # the first request leaves in 29.25 seconds

    time.now += refused.retry_after_seconds - 1
    assert not limiter.hit(LIMIT, "ann").allowed
    time.now += 1
    assert limiter.hit(LIMIT, "ann").allowed


def test_a_wait_is_never_shorter_than_a_second():
    time = Stopwatch()
    limiter = InProcessLimiter(now=time)
    for _ in range(3):
        limiter.hit(LIMIT, "ann")
    time.now += 59.999

    assert limiter.hit(LIMIT, "ann").retry_after_seconds == 1


def test_the_window_is_over_to_the_instant_and_refused_requests_did_not_count():
    time = Stopwatch()
    limiter = InProcessLimiter(now=time)
    for _ in range(3):
        limiter.hit(LIMIT, "ann")
    for _ in range(59):
        time.now += 1
        assert not limiter.hit(LIMIT, "ann").allowed
    time.now += 1

    assert [limiter.hit(LIMIT, "ann").allowed for _ in range(4)] == [True, True, True, False]


def test_the_caller_not_seen_for_longest_is_forgotten_when_there_are_too_many():
    limiter = InProcessLimiter(max_callers=2, now=Stopwatch())
    limit = Limit("once", 1, 60)
    for caller in ("ann", "bob", "ann", "cyd"):
        limiter.hit(limit, caller)

    assert not limiter.hit(limit, "ann").allowed
    assert limiter.hit(limit, "bob").allowed


def test_many_threads_together_get_no_more_than_the_limit():
    limiter = InProcessLimiter()
    limit = Limit("default", 100, 600)
    with ThreadPoolExecutor(16) as pool:
        decisions = list(pool.map(lambda _: limiter.hit(limit, "ann"), range(1000)))

    assert sum(decision.allowed for decision in decisions) == 100
