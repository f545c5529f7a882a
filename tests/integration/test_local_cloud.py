"""From an order to its e-mail over the real queue and mail service of the local cloud."""

import json
import logging
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.notifications.workers import send_confirmation
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.queues.messages import encode
from chalicelib.platform.settings import Settings
from chalicelib.wiring import rewire
from infra.local import cloud, pump
from infra.local.processes import Processes
from tests.support.shop import Shop

SENDER = "orders@stockroom.example"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with Processes() as processes:
        yield cloud.start_ministack(processes)


@pytest.fixture(scope="module")
def settings(endpoint: str) -> Settings:
    outputs = cloud.create_stack(endpoint)
    cloud.verify_sender(endpoint, SENDER)
    return Settings(
        aws_endpoint_url=endpoint,
        confirmation_queue_url=outputs["ConfirmationQueueUrl"],
        fulfilment_queue_url=outputs["FulfilmentQueueUrl"],
        mail_sender=SENDER,
        mail_inbox="inbox@stockroom.example",
    )


@pytest.fixture
def shop(settings: Settings) -> Iterator[Shop]:
    shop = Shop(settings)
    # The queue and the mail service are the real ones here.
    shop.rewire(publish_confirmed=None, publish_claimed=None, mailer=None)
    shop.add_store(1)
    shop.add_stock(1, 10, 50, "iPhone 15", "1000.00")
    rewire(shop.wiring)
    yield shop
    rewire(None)


@pytest.fixture
def sqs(endpoint: str, settings: Settings) -> Iterator[Any]:
    sqs = cloud.client("sqs", endpoint)
    yield sqs
    sqs.purge_queue(QueueUrl=settings.confirmation_queue_url)


def mails(endpoint: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages", timeout=10) as answer:
        return [mail for account in json.load(answer)["messages"].values() for mail in account]


def deliver(sqs: Any, settings: Settings) -> int:
    return pump.feed_once(sqs, settings.confirmation_queue_url, send_confirmation, 10, 1)


def test_a_confirmed_order_becomes_one_mail(shop: Shop, sqs, settings: Settings, endpoint: str, caplog):
    caplog.set_level(logging.INFO)
    before = len(mails(endpoint))
    order = shop.place(1, {10: 2}, email="ada@example.com")
    sqs.send_message(
        QueueUrl=settings.confirmation_queue_url, MessageBody=encode(OrderConfirmed(order_id=order.id))
    )

    while deliver(sqs, settings):
        pass

    (mail,) = mails(endpoint)[before:]
    assert "ada@example.com" in json.dumps(mail)
    assert f"#{order.id}" in json.dumps(mail)
    assert caplog.messages.count(f"Sending confirmation email for Order #{order.id}") == 1


def test_a_bad_record_fails_alone_and_ends_in_the_dead_letter_queue(
    shop, sqs, settings: Settings, endpoint: str
):
    url = settings.confirmation_queue_url
    before = len(mails(endpoint))
    order = shop.place(1, {10: 1})
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    # Failed messages come back at once here, not after the three minutes of the real queue.
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})

    for _ in range(8):
        deliver(sqs, settings)

    dead_letters = sqs.get_queue_url(QueueName=settings.resource("order-confirmations-dead-letters"))
    (message,) = sqs.receive_message(QueueUrl=dead_letters["QueueUrl"], WaitTimeSeconds=5)["Messages"]
    assert message["Body"] == "poison"
    assert len(mails(endpoint)) == before + 1
    assert shop.order_rows.get(order.id).confirmation_sent_at is not None


BARE = """
import sys, json
from {module} import {function} as function
from chalice.local import LambdaContext
assert "app" not in sys.modules, "a worker's function must not load the API"
print("answer", json.dumps(function(json.loads(sys.argv[1]), LambdaContext("f", 256, 30_000))))
"""


def run_bare(settings: Settings, module: str, function: str, event: dict[str, Any]) -> Any:
    """Run a function as Lambda does: its own module is imported, and `app` is not."""
    outputs = {
        "ConfirmationQueueUrl": settings.confirmation_queue_url,
        "FulfilmentQueueUrl": settings.fulfilment_queue_url,
        "CatalogQueueUrl": settings.catalog_queue_url,
        "SnapshotBucket": settings.snapshot_bucket,
    }
    environment = cloud.variables(settings.aws_endpoint_url, outputs, "")
    program = BARE.format(module=module, function=function)
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(event)],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    (answer,) = [line for line in done.stdout.splitlines() if line.startswith("answer ")]
    return json.loads(answer.removeprefix("answer "))


def test_the_queue_function_runs_without_the_application_around_it(shop: Shop, settings: Settings):
    order = shop.place(1, {10: 1})
    event = pump.sqs_event(
        [
            {"MessageId": "good", "ReceiptHandle": "r", "Body": encode(OrderConfirmed(order_id=order.id))},
            {"MessageId": "bad", "ReceiptHandle": "r", "Body": "{}"},
        ]
    )
    answer = run_bare(settings, "chalicelib.notifications.workers", "send_confirmation", event)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert shop.order_rows.get(order.id).confirmation_sent_at is not None


def test_the_scheduled_function_runs_without_the_application_around_it(shop: Shop, settings: Settings):
    # The shop's clock stands in the past, so the order is due by now.
    shop.place(1, {10: 1})
    answer = run_bare(settings, "chalicelib.orders.workers", "process_pending_orders", pump.schedule_event())
    assert answer["taken_up"] >= 1
