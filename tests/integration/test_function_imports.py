"""A function starts cold the faster the less it loads: each loads what it needs, when it needs it."""

import subprocess
import sys

import pytest

from app import app
from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
from chalicelib.platform.queues.messages import encode
from infra.local import pump
from infra.local.processes import free_port
from tests.support.commands import PROJECT
from tests.support.events import sqs_event
from tests.support.imports import features_of, load, packages_of

# What is slow to load and not needed by every function.
HEAVY = {"bcrypt", "boto3", "botocore", "cachetools", "jwt", "pynamodb", "redis", "tantivy"}
DATABASE = {"botocore", "pynamodb"}

# For each function an event, the heavy libraries it takes to handle it, and the features it takes.
WORKERS = {
    "chalicelib.notifications.workers.send_confirmation": (
        sqs_event(encode(OrderConfirmed(order_id=1))),
        DATABASE,
        {"notifications", "orders", "platform", "wiring"},
    ),
    "chalicelib.orders.workers.complete_orders": (
        sqs_event(encode(OrderClaimed(order_id=1, leased_until=1))),
        DATABASE,
        {"orders", "platform", "wiring"},
    ),
    "chalicelib.orders.workers.process_pending_orders": (
        pump.schedule_event(),
        DATABASE,
        {"orders", "platform", "wiring"},
    ),
    "chalicelib.catalog.propagation.workers.refresh_search": (
        sqs_event("{}"),
        DATABASE | {"tantivy"},
        {"catalog", "inventory", "platform", "search", "wiring"},
    ),
    "chalicelib.catalog.propagation.workers.watch_catalog": (
        pump.schedule_event(),
        DATABASE,
        {"catalog", "platform", "search", "wiring"},
    ),
}


def test_every_queue_and_scheduled_function_is_looked_at():
    assert {source.handler_string for source in app.event_sources} == WORKERS.keys()


@pytest.mark.parametrize("handler", WORKERS)
def test_a_worker_loads_nothing_heavy_before_it_has_work(handler: str):
    imported = load(handler).imported

    assert not HEAVY & packages_of(imported)
    assert "app" not in imported


@pytest.mark.parametrize("handler", WORKERS)
def test_a_worker_at_work_loads_what_it_needs_and_no_more(handler: str):
    event, libraries, features = WORKERS[handler]
    nobody = f"http://127.0.0.1:{free_port()}"

    loaded = load(handler, event, AWS_ENDPOINT_URL=nobody)

    assert packages_of(loaded.handled) & HEAVY == libraries
    assert features_of(loaded.handled) == features
    assert "app" not in loaded.handled


def test_the_api_loads_engine_tokens_passwords_and_redis_only_for_requests_that_need_them():
    assert not packages_of(load("app.app").imported) & {"bcrypt", "boto3", "jwt", "redis", "tantivy"}


def test_tokens_need_no_cryptography_package():
    # None in sys.modules makes an import fail as if the package were not there, as in the functions.
    script = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from tests.unit.users.test_tokens import USER, make\n"
        "tokens = make(); assert tokens.caller(tokens.access(USER)).user_id == USER.id\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=PROJECT)
