"""Sending messages to an SQS queue, in bounded time."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import aws
from chalicelib.errors import Unavailable

if TYPE_CHECKING:
    from chalicelib.settings import Settings

# An order waits for its message, so a queue that is down must not hold it up: one try, half a second.
CONNECT_SECONDS = 0.2
READ_SECONDS = 0.5


class QueuePublisher:
    """Puts messages on one queue.

    Args:
        settings: gives region and endpoint.
        queue_url: the queue's address.
    """

    def __init__(self, settings: "Settings", queue_url: str) -> None:
        self._queue_url = queue_url
        self._client: Any = aws.client(
            "sqs", settings, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS, attempts=1
        )

    def publish(self, body: str) -> None:
        """Send one message.

        Raises:
            Unavailable: the queue did not take it, or did not say so in time.
        """
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS: {type(error).__name__}") from error

    def ping(self) -> None:
        """Ask the queue for a sign of life.

        Raises:
            Unavailable: there was none.
        """
        try:
            self._client.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["QueueArn"])
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"SQS: {type(error).__name__}") from error
