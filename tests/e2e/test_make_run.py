"""`make run` as a user runs it, and every command that the README prints.

All is in one file, so that it is in one process, and the product is started once: the tests keep out of each
other's way by the products, stores and accounts that they use.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.ops.seed.catalogue import Catalogue, Volumes
from tests.e2e.client import eventually
from tests.e2e.readme import tour
from tests.e2e.running import PROJECT, Running
from tests.support.servers import skip_or_fail

REDIS_IS_DOWN = "Redis is down, going on without it"
REDIS_IS_BACK = "Redis is back"


def fetch(url: str) -> str:
    return subprocess.run(["curl", "-s", url], capture_output=True, text=True, timeout=30).stdout


@pytest.fixture(scope="module")
def second(running: Running) -> Iterator[Running]:
    """Yield another that runs beside the first; each stops only its own processes."""
    second = Running()
    assert len(second.family) >= 4
    yield second
    assert second.stop(signal.SIGINT)
    assert all(process.is_running() for process in running.family)


def test_every_command_of_the_readme_answers_as_printed(second: Running):
    without_redis = "Redis: none found" in second.output
    assert not (without_redis and os.environ.get("CI") == "true"), "CI must have redis-server"

    for command, expected, output in tour(second.url, with_redis=not without_redis):
        assert output == expected, command


def test_two_run_side_by_side_and_share_nothing(running: Running, second: Running):
    order = {"store_id": 2, "items": [{"product_id": 10, "quantity_requested": 1}]}
    _, _, placed = second.call("POST", "/orders", order)

    assert [listed["id"] for listed in second.call("GET", "/stores/2/orders")[2]] == [placed["id"]]
    assert running.call("GET", "/stores/2/orders")[2] == []


def test_the_log_names_the_mail_of_an_order_within_seconds(running: Running):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    _, _, placed = running.call("POST", "/orders", order)

    assert running.wait_for(f"Sending confirmation email for Order #{placed['id']}", 15)
    mails = re.search(r"E-mails it sent: (\S+)", running.output)[1]
    assert eventually(lambda: f"Your order #{placed['id']} is confirmed" in fetch(mails))


def test_until_it_is_ready_it_says_one_line_and_then_how_to_use_it(running: Running):
    ready = next(number for number, line in enumerate(running.lines) if "Stockroom is ready" in line)
    starting, *block = running.lines[: ready + 1]

    assert starting == "Starting Stockroom on this machine ..."
    begins = ["To run the API", "  STAGE=local ", "E-mails it sent: ", "Redis: ", "Stockroom is ready on "]
    assert [line[: len(begin)] for line, begin in zip(block, begins, strict=True)] == begins


def test_people_see_one_line_a_request_and_no_metric(second: Running):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    second.call("POST", "/orders", order)
    second.call("GET", "/no/such/thing?secret=1")

    assert second.wait_for("POST /orders 201", 5)
    assert second.wait_for("GET /no/such/thing 404", 5)
    assert re.search(r"^\d\d:\d\d:\d\d POST /orders 201 \d+\.\d ms$", second.output, re.MULTILINE)
    assert "secret" not in second.output
    assert "_aws" not in second.output


def test_for_machines_each_line_after_the_start_is_json(running: Running):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    running.call("POST", "/orders", order)
    running.call("GET", "/no/such/thing")
    assert running.wait_for("GET /no/such/thing 404", 5)
    assert running.wait_for('"OrdersConfirmed":1', 5)

    ready = next(number for number, line in enumerate(running.lines) if "Stockroom is ready" in line)
    logged = running.lines[ready + 1 :]
    assert [type(json.loads(line)) for line in logged] == [dict] * len(logged)


def test_60_customers_for_10_units_get_10_orders_and_no_error(running: Running):
    order = {"store_id": 1, "items": [{"product_id": 12, "quantity_requested": 1}]}
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: running.call("POST", "/orders", order), range(60)))

    assert Counter((status, body["status"]) for status, _, body in answers) == {
        (201, "CONFIRMED"): 10,
        (200, "REJECTED"): 50,
    }


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_an_unknown_address_is_a_404_in_the_shape_of_all_errors(running: Running, method: str):
    status, headers, problem = running.call(method, "/no/such/thing", headers={"Authorization": "Bearer x"})

    assert (status, problem["code"]) == (404, "not_found")
    assert headers["Content-Type"] == "application/problem+json"
    assert problem["request_id"] == headers["X-Request-Id"]


def test_a_wrong_method_is_a_405(running: Running):
    status, headers, problem = running.call("PUT", "/products")
    assert (status, headers["Allow"], problem["code"]) == (405, "GET", "method_not_allowed")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n", 411),
        (b"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\r\nConnection: close\r\n\r\n", 404),
        (b'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{\xff', 400),
    ],
)  # fmt: skip
def test_broken_http_gets_an_answer_too(running: Running, head: bytes, status: int):
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        connection.sendall(head)
        answer = connection.recv(65536).decode()
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "application/problem+json" in answer


def test_a_busy_port_is_a_clear_error(running: Running):
    done = subprocess.run(
        ["make", "run", f"PORT={running.port}"], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert f"Port {running.port} is in use" in done.stderr


@pytest.mark.parametrize("variables", [{"PORT": "no"}, {"PORT": "70000"}, {"SCHEDULE_SECONDS": "0"}])
def test_a_wrong_variable_is_a_clear_error(variables: dict[str, str]):
    words = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(["make", "run", *words], cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert next(iter(variables.values())) in done.stderr


def test_a_personal_order_is_completed_within_seconds_and_the_log_names_it(running: Running):
    me = running.sign_up("ada")
    order = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
    uid = running.call("POST", "/orders", order, me)[2]["order_id"]
    order_id = running.call("GET", f"/orders/{uid}", headers=me)[2]["id"]

    assert eventually(lambda: running.call("GET", f"/orders/{uid}", headers=me)[2]["status"] == "completed")
    assert running.wait_for(f"Processing orders #{order_id}", 5)
    assert running.wait_for(f"Completed order #{order_id}", 5)
    assert running.call("PATCH", f"/orders/{uid}/cancel", headers=me)[0] == 409


def ask_150_times_at_once(running: Running, name: str) -> tuple[list, bool]:
    """Return the answers to a new user, and whether Redis counted all of the requests.

    On a busy machine Redis may take longer than it is waited for. The limiter in the process then takes over,
    which knows of no request before.
    """
    assert eventually(lambda: running.count(REDIS_IS_DOWN) == running.count(REDIS_IS_BACK))
    before = running.count(REDIS_IS_DOWN)
    me = running.sign_up(name)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: running.call("GET", "/orders", headers=me), range(150)))
    return answers, not eventually(lambda: running.count(REDIS_IS_DOWN) > before, 1)


def test_of_150_requests_of_a_user_at_once_exactly_100_pass(running: Running):
    if "Redis: none found" in running.output:
        skip_or_fail("redis-server")
    for name in ("grace", "hedy", "radia"):
        answers, all_counted = ask_150_times_at_once(running, name)
        if all_counted:
            break

    assert Counter(status for status, _, _ in answers) == {200: 100, 429: 50}
    for status, headers, problem in answers:
        assert headers["RateLimit-Policy"] == '"GET /orders";q=100;w=600'
        if status == 429:
            assert 0 < int(headers["Retry-After"]) <= 600
            assert problem["code"] == "rate_limited"


def test_a_stopped_redis_fails_no_request(running: Running):
    if "Redis: none found" in running.output:
        skip_or_fail("redis-server")
    assert eventually(lambda: running.count(REDIS_IS_DOWN) == running.count(REDIS_IS_BACK))
    times, metrics = running.count(REDIS_IS_DOWN), running.count('"LimiterDegraded"')
    me = running.sign_up("joan")
    (redis,) = (process for process in running.family if process.name() == "redis-server")
    redis.suspend()
    try:
        assert [running.call("GET", "/orders", headers=me)[0] for _ in range(20)] == [200] * 20
        assert eventually(lambda: running.count(REDIS_IS_DOWN) == times + 1, 5)
    finally:
        redis.resume()
    assert eventually(lambda: running.count(REDIS_IS_BACK) == times + 1)
    assert running.count(REDIS_IS_DOWN) == times + 1
    assert running.count('"LimiterDegraded"') == metrics + 2, "one metric: its name and its value"


def test_a_product_that_is_added_is_found_within_ten_seconds(running: Running):
    added = Catalogue(Volumes(products=1201), 2025).product(1201)
    path = f"/api/search/products?q={added.title.replace(' ', '+').replace('&', '%26')}&sort=newest"
    assert added.id not in [found["id"] for found in running.call("GET", path)[2]["results"]]

    variables = re.search(r"^  (STAGE=.*?) \.venv", running.output, re.MULTILINE)[1]
    environment = dict(pair.split("=", 1) for pair in variables.replace("'", "").split())
    command = [sys.executable, "-m", "infra.ops.seed", "--products", "1201"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=60)

    assert eventually(
        lambda: added.id in [found["id"] for found in running.call("GET", path)[2]["results"]], 10
    )


def test_the_last_units_of_a_product_are_gone_from_search_at_once(running: Running):
    path = "/api/search/products?q=charger+adapter&store_id=1&in_stock=true"
    status, _, found = running.call("GET", path)
    assert (status, [product["id"] for product in found["results"]]) == (200, [13])
    left = found["results"][0]["quantity"]
    order = {"store_id": 1, "items": [{"product_id": 13, "quantity_requested": left}]}
    assert running.call("POST", "/orders", order)[0] == 201

    assert running.call("GET", path)[2]["count"] == 0
