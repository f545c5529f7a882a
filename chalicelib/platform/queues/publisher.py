"""Sending messages to an SQS queue in bounded time; for a caller who waits, in no time while it is down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, Protocol

import msgspec

from chalicelib.errors import Unavailable
from chalicelib.platform.aws import Answer, call_until
from chalicelib.platform.circuit_breaker import PROBE_SECONDS, CircuitBreaker
from chalicelib.platform.queues.messages import encode
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.wire.client import WireClient

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

# SQS takes ten messages in one call.
BATCH_SIZE = 10


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for a queue: to connect, for an answer, and until the last attempt begins."""

    connect_seconds: float
    read_seconds: float
    deadline_seconds: float


# An order waits for its message, so a queue that is down must not hold it up: one attempt, and 300 ms with
# what the call itself costs. What is not queued in this time is queued by the sweeper.
OF_A_REQUEST = Timeouts(0.1, 0.15, 0.0)
# No client waits for a function that a queue or the schedule started, and giving up costs a whole lease.
OF_A_WORKER = Timeouts(1.0, 3.0, 6.0)


class Publisher(Protocol):
    """Something that puts messages on a queue."""

    def publish(self, messages: Sequence[msgspec.Struct]) -> None:
        """Send messages; raises `Unavailable` when not all of them are known to be taken."""

    def ping(self) -> object:
        """Ask the queue for a sign of life; raises when there is none."""


class QueuePublisher:
    """Puts messages on one queue.

    Args:
        settings: gives region and endpoint.
        runtime: gives time and jitter for retries.
        queue_url: the queue's address.
        delay_seconds: how long a message stays hidden, 900 at the most.
        timeouts: how long a call may take.
    """

    def __init__(
        self,
        settings: "Settings",
        runtime: Runtime,
        queue_url: str,
        delay_seconds: int = 0,
        timeouts: Timeouts = OF_A_WORKER,
    ) -> None:
        self.queue_url = queue_url
        self._delay_seconds = delay_seconds
        self._retry = Retry(runtime)
        self._deadline_seconds = timeouts.deadline_seconds
        self._sqs = WireClient(
            "sqs",
            settings.aws_region,
            settings.aws_endpoint_url,
            connect_seconds=timeouts.connect_seconds,
            read_seconds=timeouts.read_seconds,
        )

    def publish(self, messages: Sequence[msgspec.Struct]) -> None:
        """Send messages, ten a call.

        Raises:
            Unavailable: the queue did not take all of them, or did not say so in time.
        """
        for start in range(0, len(messages), BATCH_SIZE):
            self._send(messages[start : start + BATCH_SIZE])

    def _send(self, messages: Sequence[msgspec.Struct]) -> None:
        entries = [
            {"Id": str(number), "MessageBody": encode(message), "DelaySeconds": self._delay_seconds}
            for number, message in enumerate(messages)
        ]
        answer = self._call("SendMessageBatch", Entries=entries)
        if failed := answer.get("Failed"):
            raise Unavailable(f"SQS: {failed[0].get('Code')}")

    def ping(self) -> None:
        """Ask the queue for a sign of life.

        Raises:
            Unavailable: there was none.
        """
        self._call("GetQueueAttributes", AttributeNames=["QueueArn"])

    def _call(self, operation: str, **parameters: object) -> Answer:
        parameters["QueueUrl"] = self.queue_url
        return call_until(
            self._retry, self._deadline_seconds, "SQS", lambda: self._sqs.call(operation, parameters)
        )


class BreakingPublisher:
    """Puts messages on a queue for a caller who waits: after a failed call, none until the queue is back.

    Args:
        queue: with timeouts of a request.
        runtime: gives sleep and the background for the probe.
        probe_seconds: how often a queue that is down is asked whether it is back.
    """

    def __init__(self, queue: QueuePublisher, runtime: Runtime, probe_seconds: float = PROBE_SECONDS) -> None:
        self._queue = queue
        self._breaker = CircuitBreaker(
            f"Queue {queue.queue_url.rsplit('/', 1)[-1]}",
            "QueueDegraded",
            failures=Unavailable,
            probe=queue.ping,
            runtime=runtime,
            probe_seconds=probe_seconds,
        )

    def publish(self, messages: Sequence[msgspec.Struct]) -> None:
        """Send messages; see `QueuePublisher.publish`."""
        self._breaker.call(lambda: self._queue.publish(messages), _still_down)

    def ping(self) -> None:
        """Ask the queue for a sign of life; see `QueuePublisher.ping`."""
        self._queue.ping()


def _still_down() -> NoReturn:
    raise Unavailable("SQS: the queue is down")
