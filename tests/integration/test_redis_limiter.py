"""The limiter on a real Redis that works, dies, freezes, restarts, or was never there.

The bounds on time are loose, as machines that run tests are busy; what each request costs while Redis is
down follows from how often Redis was tried, and that is exact.
"""

import itertools
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from chalicelib.platform.rate_limits.limiter import Decision, InProcessLimiter, Limit
from chalicelib.platform.rate_limits.redis import RedisLimiter
from chalicelib.platform.redis import MAX_CONNECTIONS, TIMEOUT_SECONDS, redis_client
from chalicelib.platform.runtime import Runtime
from infra.local.processes import Processes
from tests.support.redis import RedisServer, refused, running_redis, silent, unreachable

LIMIT = Limit("default", 100, 600)
# Longer than any test, or soon enough for one to wait.
NEVER = 3600.0
SOON = 0.05
# For tests that are not about outages, and for those that are: a busy machine must not look like one.
PATIENT_SECONDS = 10.0
OUTAGE_SECONDS = 0.3
WAIT_SECONDS = 30.0

WARNING = "Redis is down"
BACK = "Redis is back"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "chalicelib.platform.circuit_breaker")
    return caplog


@pytest.fixture(params=[refused, silent, unreachable], ids=lambda broken: broken.__name__)
def broken_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from request.param()


class Tried:
    """Counts how often requests try a client; its probes do not count."""

    def __init__(self, client: Redis) -> None:
        self.times = 0
        self._evalsha = client.evalsha
        client.evalsha = self._counted

    def _counted(self, *arguments):
        if "probe" not in threading.current_thread().name:
            self.times += 1
        return self._evalsha(*arguments)


def test_of_a_thousand_concurrent_requests_exactly_as_many_as_the_limit_pass(server: RedisServer):
    """Two limiters, as two processes would have, share one count."""
    limiters = itertools.cycle([_patient(server), _patient(server)])
    with ThreadPoolExecutor(32) as pool:
        decisions = list(
            pool.map(lambda limiter: limiter.hit(LIMIT, "ann"), itertools.islice(limiters, 1000))
        )

    assert sum(decision.allowed for decision in decisions) == 100
    assert {decision.remaining for decision in decisions if decision.allowed} == set(range(100))


def test_by_the_clock_of_redis_no_window_ever_holds_more_than_the_limit(server: RedisServer):
    limit = Limit("short", 5, 1)
    limiter = _patient(server)
    client = redis_client(server.url, PATIENT_SECONDS)
    allowed = []
    end = time.monotonic() + 3
    while time.monotonic() < end:
        if limiter.hit(limit, "ann").allowed:
            allowed.append(int(client.lindex("ratelimit:short:ann", 0)))

    assert len(allowed) > 10
    for first, one_too_many in zip(allowed, allowed[5:], strict=False):
        assert one_too_many - first >= 1_000_000


def test_a_key_holds_no_more_than_the_limit_and_expires_by_itself(server: RedisServer):
    limiter = _patient(server)
    client = redis_client(server.url, PATIENT_SECONDS)
    for _ in range(150):
        limiter.hit(LIMIT, "ann")

    assert client.llen("ratelimit:default:ann") == 100
    assert 600_000 < client.pttl("ratelimit:default:ann") <= 601_000


def test_a_limit_that_was_lowered_holds_at_once(server: RedisServer):
    limiter = _patient(server)
    for _ in range(10):
        limiter.hit(LIMIT, "ann")

    assert limiter.hit(Limit("default", 5, 600), "ann") == Decision(False, Limit("default", 5, 600), 0, 600)


def test_one_request_is_one_call(server: RedisServer):
    client = redis_client(server.url, PATIENT_SECONDS)
    with client.monitor() as monitor:
        _patient(server).hit(LIMIT, "ann")
        _patient(server).hit(LIMIT, "bob")
        client.echo("the end")
        commands = [entry["command"] for entry in _until(monitor, "the end") if entry["client_type"] != "lua"]

    # Only the very first has to send the script itself.
    assert [command.split()[0] for command in commands] == ["EVALSHA", "SCRIPT", "EVALSHA", "EVALSHA"]


def test_a_new_connection_begins_with_the_call_itself():
    """Whatever came before it would wait for its own answer; a silent Redis would cost two timeouts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limiter, _ = _limiter(f"redis://127.0.0.1:{listener.getsockname()[1]}/0", NEVER)
        limiter.hit(LIMIT, "ann")
        connection, _ = listener.accept()
        with connection:
            assert connection.recv(4096).split()[2] == b"EVALSHA"


def test_where_redis_does_not_answer_one_request_finds_out_and_the_others_do_not_ask(
    broken_url: str, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    limiter, tried = _limiter(broken_url, NEVER, TIMEOUT_SECONDS)
    started = time.monotonic()
    decisions = [limiter.hit(LIMIT, "ann") for _ in range(150)]

    assert time.monotonic() - started < 1  # 50 ms and the work; redis-py's own retries would take seconds
    assert tried.times == 1
    assert sum(decision.allowed for decision in decisions) == 100
    _assert_one_outage(log, capsys)


@pytest.mark.parametrize("connected", [True, False], ids=["connected-before", "not-connected"])
def test_a_frozen_redis_costs_one_request_one_timeout_and_is_found_when_it_goes_on(
    server: RedisServer, connected: bool, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    limiter, tried = _limiter(server.url, SOON)
    if connected:
        limiter.hit(LIMIT, "ann")
    before = tried.times
    server.freeze()
    started = time.monotonic()
    for _ in range(20):
        assert limiter.hit(LIMIT, "bob").allowed
    assert time.monotonic() - started < 1
    assert tried.times == before + 1

    server.thaw()
    _until_true(lambda: BACK in log.messages)
    assert limiter.hit(LIMIT, "cyd").allowed
    assert tried.times == before + 2
    _assert_one_outage(log, capsys)


def test_when_redis_freezes_under_many_threads_only_requests_under_way_wait(
    server: RedisServer, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    limiter, tried = _limiter(server.url, NEVER)
    server.freeze()
    together = threading.Barrier(64)

    def hit_together(caller: int) -> bool:
        together.wait()
        return all(limiter.hit(LIMIT, str(caller)).allowed for _ in range(10))

    with ThreadPoolExecutor(64) as pool:
        assert all(pool.map(hit_together, range(64)))

    assert tried.times <= 64
    _assert_one_outage(log, capsys)


def test_more_threads_than_connections_do_not_wait_for_one(server: RedisServer):
    limiter, _ = _limiter(server.url, NEVER)
    server.freeze()
    callers = MAX_CONNECTIONS + 16
    with ThreadPoolExecutor(callers) as pool:
        assert all(pool.map(lambda caller: limiter.hit(LIMIT, str(caller)).allowed, range(callers)))


def test_a_redis_killed_under_load_fails_no_request_and_is_used_again_when_it_returns(
    server: RedisServer, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    limiter, tried = _limiter(server.url, SOON)
    decisions = []
    stop = threading.Event()

    def work(caller: int) -> None:
        while not stop.is_set():
            decisions.append(limiter.hit(LIMIT, str(caller)))
            time.sleep(0.001)

    with ThreadPoolExecutor(8) as pool:
        workers = [pool.submit(work, caller) for caller in range(8)]
        _until_true(lambda: len(decisions) > 200)
        server.kill()
        _until_true(lambda: _count(log, WARNING) > 0)
        server.start()
        _until_true(lambda: _count(log, BACK) > 0)
        after = tried.times
        _until_true(lambda: tried.times > after)
        stop.set()
        for worker in workers:
            worker.result()
    _assert_one_outage(log, capsys)


def test_a_redis_restarted_between_requests_is_used_as_if_nothing_had_been(
    server: RedisServer, log: pytest.LogCaptureFixture
):
    """Its connections are gone and it no longer knows the script: both are made good in the same request."""
    client = redis_client(server.url, PATIENT_SECONDS)
    limiter = RedisLimiter(client, InProcessLimiter(), Runtime(), NEVER)
    limiter.hit(LIMIT, "ann")
    server.kill()
    server.start()

    assert limiter.hit(LIMIT, "ann").remaining == 99
    assert log.messages == []


def test_a_redis_that_answers_but_cannot_write_is_down_until_it_can(
    server: RedisServer, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    """As after a failover that made it a replica: it would answer PING all the time."""
    limiter = _patient(server, SOON)
    client = redis_client(server.url, PATIENT_SECONDS)
    client.config_set("min-replicas-to-write", 1)
    for _ in range(20):
        assert limiter.hit(LIMIT, "ann").allowed
        time.sleep(SOON / 2)
    assert _count(log, BACK) == 0

    client.config_set("min-replicas-to-write", 0)
    _until_true(lambda: BACK in log.messages)
    assert limiter.hit(LIMIT, "ann").remaining == 99
    _assert_one_outage(log, capsys)


def _limiter(
    url: str, probe_seconds: float, timeout_seconds: float = OUTAGE_SECONDS
) -> tuple[RedisLimiter, Tried]:
    client = redis_client(url, timeout_seconds)
    return RedisLimiter(client, InProcessLimiter(), Runtime(), probe_seconds), Tried(client)


def _patient(server: RedisServer, probe_seconds: float = NEVER) -> RedisLimiter:
    return RedisLimiter(
        redis_client(server.url, PATIENT_SECONDS), InProcessLimiter(), Runtime(), probe_seconds
    )


def _until_true(ready: Callable[[], bool]) -> None:
    Processes().wait_until(ready, WAIT_SECONDS)


def _until(monitor, last: str) -> Iterator[dict]:
    for entry in monitor.listen():
        if last in entry["command"]:
            return
        yield entry


def _count(log: pytest.LogCaptureFixture, beginning: str) -> int:
    return sum(message.startswith(beginning) for message in log.messages)


def _assert_one_outage(log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    assert _count(log, WARNING) == 1
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [metric["LimiterDegraded"] for metric in metrics] == [1]
