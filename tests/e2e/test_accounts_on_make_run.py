"""Accounts, processing and rate limits, against `make run`."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.client import eventually
from tests.e2e.running import Running
from tests.support.servers import skip_or_fail


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    # Metrics are in the JSON alone.
    running = Running(LOG_FORMAT="json", SCHEDULE_SECONDS="2", ORDER_PROCESSING_SECONDS="1", BCRYPT_COST="4")
    yield running
    assert running.stop()


def test_a_personal_order_is_completed_within_seconds_and_the_log_names_it(running: Running):
    me = running.sign_up("ada")
    order = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
    uid = running.call("POST", "/orders", order, me)[2]["order_id"]
    order_id = running.call("GET", f"/orders/{uid}", headers=me)[2]["id"]

    assert eventually(lambda: running.call("GET", f"/orders/{uid}", headers=me)[2]["status"] == "completed")
    assert running.wait_for(f"Processing orders #{order_id}", 5)
    assert running.wait_for(f"Completed order #{order_id}", 5)
    assert running.call("PATCH", f"/orders/{uid}/cancel", headers=me)[0] == 409


def test_of_150_requests_of_a_user_at_once_exactly_100_pass(running: Running):
    if "Redis: none found" in running.output:
        skip_or_fail("redis-server")
    me = running.sign_up("grace")
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: running.call("GET", "/orders", headers=me), range(150)))

    assert Counter(status for status, _, _ in answers) == {200: 100, 429: 50}
    for status, headers, problem in answers:
        assert headers["RateLimit-Policy"] == '"GET /orders";q=100;w=600'
        if status == 429:
            assert 0 < int(headers["Retry-After"]) <= 600
            assert problem["code"] == "rate_limited"


def test_a_stopped_redis_fails_no_request(running: Running):
    if "Redis: none found" in running.output:
        skip_or_fail("redis-server")
    me = running.sign_up("joan")
    (redis,) = (process for process in running.family if process.name() == "redis-server")
    redis.suspend()
    try:
        assert [running.call("GET", "/orders", headers=me)[0] for _ in range(20)] == [200] * 20
        assert running.wait_for("Redis is down, going on without it", 5)
    finally:
        redis.resume()
    assert running.wait_for("Redis is back", 15)
    assert running.output.count("Redis is down, going on without it") == 1
    assert running.output.count('"LimiterDegraded"') == 2, "one metric: its name and its value"
