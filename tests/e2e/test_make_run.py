"""`make run` as a user runs it, and every command that the README prints."""

import json
import os
import re
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.client import eventually
from tests.e2e.readme import tour
from tests.e2e.running import PROJECT, Running


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    running = Running()
    yield running
    assert running.stop()


def fetch(url: str) -> str:
    return subprocess.run(["curl", "-s", url], capture_output=True, text=True, timeout=30).stdout


@pytest.fixture
def fresh() -> Iterator[Running]:
    fresh = Running()
    yield fresh
    assert fresh.stop()


def test_every_command_of_the_readme_answers_as_printed(fresh: Running):
    without_redis = "Redis: none found" in fresh.output
    assert not (without_redis and os.environ.get("CI") == "true"), "CI must have redis-server"

    for command, expected, output in tour(fresh.url, with_redis=not without_redis):
        assert output == expected, command


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


def test_people_see_one_line_a_request_and_no_metric(running: Running):
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    running.call("POST", "/orders", order)
    running.call("GET", "/no/such/thing?secret=1")

    assert running.wait_for("POST /orders 201", 5)
    assert running.wait_for("GET /no/such/thing 404", 5)
    assert re.search(r"^\d\d:\d\d:\d\d POST /orders 201 \d+\.\d ms$", running.output, re.MULTILINE)
    assert "secret" not in running.output
    assert "_aws" not in running.output


def test_for_machines_each_line_after_the_start_is_json():
    machine = Running(LOG_FORMAT="json")
    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    machine.call("POST", "/orders", order)
    machine.call("GET", "/no/such/thing")
    assert machine.wait_for("GET /no/such/thing 404", 5)
    assert machine.wait_for('"OrdersConfirmed":1', 5)
    assert machine.stop()

    ready = next(number for number, line in enumerate(machine.lines) if "Stockroom is ready" in line)
    *logged, stopped = machine.lines[ready + 1 :]
    assert [type(json.loads(line)) for line in logged] == [dict] * len(logged)
    assert stopped == "Stockroom has stopped."


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


def test_two_run_side_by_side_and_each_stops_only_its_own(running: Running):
    second = Running(SCHEDULE_SECONDS="1")
    order = {"store_id": 2, "items": [{"product_id": 10, "quantity_requested": 1}]}
    _, _, placed = second.call("POST", "/orders", order)
    assert [listed["id"] for listed in second.call("GET", "/stores/2/orders")[2]] == [placed["id"]]

    assert len(second.family) >= 4
    assert second.stop(signal.SIGINT)
    assert all(process.is_running() for process in running.family)
    assert running.call("GET", "/stores/2/orders")[2] == []
