"""Sending messages to an SQS queue, in bounded time, and in no time while it is down."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.breaker import PROBE_SECONDS, Breaker
from chalicelib.errors import Unavailable

if TYPE_CHECKING:
    from chalicelib.settings import Settings

# An order waits for its message, so a queue that is down must not hold it up: one try, and 300 ms with
# what the call itself costs. What is not queued in this time is queued by the schedule.
CONNECT_SECONDS = 0.05
READ_SECONDS = 0.2

# SQS takes ten messages in one call.
BATCH_SIZE = 10


class QueuePublisher:
    """Puts messages on one queue; after a failed call it sends nothing until the queue is back.

    Args:
        settings: gives region and endpoint.
        queue_url: the queue's address.
        delay_seconds: how long a message stays hidden, 900 at the most.
        probe_seconds: how often a queue that is down is asked whether it is back.
    """

    def __init__(
        self,
        settings: "Settings",
        queue_url: str,
        delay_seconds: int = 0,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._queue_url = queue_url
        self._delay_seconds = delay_seconds
        self._client: Any = aws.client(
            "sqs", settings, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS, attempts=1
        )
        self._breaker = Breaker(
            f"Queue {queue_url.rsplit('/', 1)[-1]}",
            "QueueDegraded",
            failures=Unavailable,
            probe=self.ping,
            probe_seconds=probe_seconds,
        )

    def publish(self, bodies: Sequence[str]) -> None:
        """Send messages, ten a call.

        Raises:
            Unavailable: the queue did not take all of them, or did not say so in time.
        """
        for start in range(0, len(bodies), BATCH_SIZE):
            batch = bodies[start : start + BATCH_SIZE]
            self._breaker.call(lambda batch=batch: self._send(batch), _still_down)

    def _send(self, bodies: Sequence[str]) -> None:
        entries = [
            {"Id": str(number), "MessageBody": body, "DelaySeconds": self._delay_seconds}
            for number, body in enumerate(bodies)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
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
            self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS: {type(error).__name__}") from error


def _still_down() -> NoReturn:
    raise Unavailable("SQS: the queue is down")
