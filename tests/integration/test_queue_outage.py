"""The confirmation queue is away: what that costs an order, and that nothing is lost."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest

from chalicelib.errors import Unavailable
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import StoreOrderStatus
from chalicelib.platform.queues.publisher import OF_A_REQUEST, BreakingPublisher, QueuePublisher
from chalicelib.platform.runtime import Runtime
from infra.local.processes import free_port
from tests.support.settings import settings_of
from tests.support.shop import Shop

NEVER = 3600.0
MESSAGE = OrderConfirmed(order_id=1)
AT_ONCE = 0.05
WAIT_SECONDS = 10.0


@pytest.fixture
def silent_url() -> Iterator[str]:
    """Yield the URL of a queue that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        yield f"http://127.0.0.1:{silent.getsockname()[1]}/queue"


@pytest.fixture
def refusing_url() -> str:
    """Return the URL of a queue that does not listen."""
    return f"http://127.0.0.1:{free_port()}/queue"


def publisher(url: str, probe_seconds: float = NEVER) -> BreakingPublisher:
    settings = settings_of("outage", aws_endpoint_url=url)
    queue = QueuePublisher(settings, Runtime(), url, timeouts=OF_A_REQUEST)
    return BreakingPublisher(queue, Runtime(), probe_seconds)


def shop_before(url: str, shop: Shop) -> Shop:
    """Let the shop confirm orders to this queue."""
    shop.rewire(publish_confirmed=None, confirmation_queue=publisher(url))
    shop.add_store(1)
    shop.add_stock(1, 10, 50)
    return shop


def seconds_to_fail(queue: BreakingPublisher) -> float:
    started = time.monotonic()
    with pytest.raises(Unavailable):
        queue.publish([MESSAGE])
    return time.monotonic() - started


def test_a_silent_queue_costs_an_order_300_ms_once_and_then_nothing(silent_url: str, dynamodb_shop: Shop):
    shop = shop_before(silent_url, dynamodb_shop)
    orders = [shop.place(1, {10: 1}) for _ in range(2)]
    queue = shop.wiring.platform.confirmation_queue

    assert min(seconds_to_fail(publisher(silent_url)) for _ in range(3)) < 0.3
    assert min(seconds_to_fail(queue) for _ in range(5)) < 0.005
    for order in orders:
        assert order.status is StoreOrderStatus.CONFIRMED
        assert shop.order_rows.get(order.id).due_at is not None


def test_a_queue_that_nobody_serves_does_not_fail_an_order(refusing_url: str, dynamodb_shop: Shop):
    assert shop_before(refusing_url, dynamodb_shop).place(1, {10: 1}).status is StoreOrderStatus.CONFIRMED


def test_an_outage_is_counted_once_however_many_messages_meet_it(refusing_url: str, capsys):
    queue = publisher(refusing_url)
    for _ in range(3):
        seconds_to_fail(queue)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["QueueDegraded"] for line in lines if "QueueDegraded" in line] == [1]


class Answering(BaseHTTPRequestHandler):
    """A queue that takes everything."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        # Who has given up is no longer there.
        with contextlib.suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(b"{}")

    def log_message(self, *_) -> None:
        pass


class Slow(Answering):
    """A queue that thinks about it for longer than a request may wait."""

    def do_POST(self) -> None:
        time.sleep(0.5)
        super().do_POST()


def test_a_slow_queue_is_given_up_by_a_request_and_waited_for_by_a_worker():
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/queue"
        try:
            seconds_to_fail(publisher(url))
            QueuePublisher(settings_of("outage", aws_endpoint_url=url), Runtime(), url).publish([MESSAGE])
        finally:
            server.shutdown()
            thread.join()


def test_a_queue_that_is_back_is_used_again():
    port = free_port()
    queue = publisher(f"http://127.0.0.1:{port}/queue", AT_ONCE)
    seconds_to_fail(queue)
    with HTTPServer(("127.0.0.1", port), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            assert _is_used_within(WAIT_SECONDS, queue)
        finally:
            server.shutdown()
            thread.join()


def _is_used_within(seconds: float, queue: BreakingPublisher) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            queue.publish([MESSAGE])
        except Unavailable:
            time.sleep(AT_ONCE)
        else:
            return True
    return False
