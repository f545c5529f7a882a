"""Sending messages to an SQS queue: in bounded time, and in no time while it is down if somebody waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Unavailable
from chalicelib.platform import aws
from chalicelib.platform.circuit_breaker import PROBE_SECONDS, Breaker

if TYPE_CHECKING:
    from chalicelib.platform.settings import Settings

# SQS takes ten messages in one call.
BATCH_SIZE = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a queue: seconds to connect and for an answer, and tries in all."""

    connect_seconds: float
    read_seconds: float
    attempts: int


# An order waits for its message, so a queue that is down must not hold it up: one try, and 300 ms with
# what the call itself costs. What is not queued in this time is queued by the schedule.
OF_A_REQUEST = Patience(0.1, 0.15, 1)
# Nobody waits for a function that a queue or the schedule started, and giving up costs a whole lease.
OF_A_WORKER = Patience(1.0, 3.0, 3)


class QueuePublisher:
    """Puts messages on one queue.

    Args:
        settings: gives region and endpoint.
        queue_url: the queue's address.
        delay_seconds: how long a message stays hidden, 900 at the most.
        patience: how long a call may take.
    """

    def __init__(
        self,
        settings: "Settings",
        queue_url: str,
        delay_seconds: int = 0,
        patience: Patience = OF_A_WORKER,
    ) -> None:
        self.queue_url = queue_url
        self._delay_seconds = delay_seconds
        self._client: Any = aws.client(
            "sqs",
            settings,
            connect_seconds=patience.connect_seconds,
            read_seconds=patience.read_seconds,
            attempts=patience.attempts,
        )

    def publish(self, bodies: Sequence[str]) -> None:
        """Send messages, ten a call.

        Raises:
            Unavailable: the queue did not take all of them, or did not say so in time.
        """
        for start in range(0, len(bodies), BATCH_SIZE):
            self._send(bodies[start : start + BATCH_SIZE])

    def _send(self, bodies: Sequence[str]) -> None:
        entries = [
            {"Id": str(number), "MessageBody": body, "DelaySeconds": self._delay_seconds}
            for number, body in enumerate(bodies)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=self.queue_url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS: {type(error).__name__}") from error
        if failed := answer.get("Failed"):
            raise Unavailable(f"SQS: {failed[0].get('Code')}")

    def ping(self) -> None:
        """Ask the queue for a sign of life.

        Raises:
            Unavailable: there was none.
        """
        try:
            self._client.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS: {type(error).__name__}") from error


class BreakingPublisher:
    """Puts messages on a queue for somebody who waits: after a failed call, none until the queue is back.

    Args:
        queue: of little patience.
        probe_seconds: how often a queue that is down is asked whether it is back.
    """

    def __init__(self, queue: QueuePublisher, probe_seconds: float = PROBE_SECONDS) -> None:
        self._queue = queue
        self._breaker = Breaker(
            f"Queue {queue.queue_url.rsplit('/', 1)[-1]}",
            "QueueDegraded",
            failures=Unavailable,
            probe=queue.ping,
            probe_seconds=probe_seconds,
        )

    def publish(self, bodies: Sequence[str]) -> None:
        """Send messages; see `QueuePublisher.publish`."""
        self._breaker.call(lambda: self._queue.publish(bodies), _still_down)

    def ping(self) -> None:
        """Ask the queue for a sign of life; see `QueuePublisher.ping`."""
        self._queue.ping()


def _still_down() -> NoReturn:
    raise Unavailable("SQS: the queue is down")
