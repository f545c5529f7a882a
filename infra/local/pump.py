"""Runs the queue and scheduled functions against the local cloud, as Lambda would.

Functions are found in the application's own registrations, so that a new one is served without a change here.
"""

import argparse
import functools
import importlib
import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.local import LambdaContext

from app import app
from chalicelib.platform.settings import Settings, settings
from chalicelib.wiring import wired
from infra.clients import Client, client

FUNCTION_SECONDS = 30
LONG_POLL_SECONDS = 10
PAUSE_AFTER_ERROR_SECONDS = 1.0

logger = logging.getLogger(__name__)


def main() -> None:
    """Pump until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.pump", description=__doc__)
    parser.add_argument(
        "--schedule-seconds", type=float, default=120, help="time between two ticks of the schedule"
    )
    options = parser.parse_args()
    # Logging is set up before the first message.
    wired()
    threads = [
        threading.Thread(target=_source(source, options.schedule_seconds), name=source.name)
        for source in app.event_sources
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _source(source: Any, schedule_seconds: float) -> Callable[[], None]:
    """Return what runs the function of one of Chalice's registrations, for ever."""
    module, name = source.handler_string.rsplit(".", 1)
    function = getattr(importlib.import_module(module), name)
    if hasattr(source, "queue"):
        return functools.partial(pump_queue, function, source.queue, source.batch_size, settings())
    return functools.partial(tick, function, schedule_seconds)


def pump_queue(function: Any, queue: str, batch_size: int, settings: Settings) -> None:
    """Run a function on a queue's messages, for ever; those that it reports as failed stay in the queue."""
    sqs = client("sqs", settings.aws_endpoint_url)
    url = None
    while True:
        try:
            url = url or sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            feed_once(sqs, url, function, batch_size, LONG_POLL_SECONDS)
        except Exception:
            logger.exception("Pumping %s failed; trying again", queue)
            time.sleep(PAUSE_AFTER_ERROR_SECONDS)


def feed_once(sqs: Client, url: str, function: Any, batch_size: int, wait_seconds: int) -> int:
    """Receive one batch, run the function on it, delete what succeeded; return how many were received."""
    messages = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=batch_size,
        WaitTimeSeconds=wait_seconds,
        AttributeNames=["All"],
    ).get("Messages", [])
    if messages:
        answer = function(sqs_event(messages), _context(function))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return len(messages)


def tick(function: Any, seconds: float) -> None:
    """Run a scheduled function every so many seconds for ever."""
    while True:
        time.sleep(seconds)
        try:
            function(schedule_event(), _context(function))
        except Exception:
            logger.exception("The scheduled function failed")


def sqs_event(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Build the event that Lambda would make of these SQS messages."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "eventSource": "aws:sqs",
            }
            for message in messages
        ]
    }


def schedule_event() -> dict[str, Any]:
    """Build the event that the schedule would send now."""
    return {
        "version": "0",
        "account": "000000000000",
        "region": "us-east-1",
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": datetime.now(UTC).isoformat(),
        "id": str(uuid.uuid4()),
        "resources": [],
    }


def _context(function: Any) -> LambdaContext:
    return LambdaContext(str(function), memory_size=256, max_runtime_ms=FUNCTION_SECONDS * 1000)


if __name__ == "__main__":
    main()
