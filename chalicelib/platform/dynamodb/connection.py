"""PynamoDB's connection over our own wire, with our own retries and errors."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from pynamodb.connection import Connection
from pynamodb.constants import BATCH_GET_ITEM, BATCH_WRITE_ITEM, GET_ITEM, QUERY, SCAN

from chalicelib.platform.aws import transient_as_unavailable
from chalicelib.platform.retry import Retry
from chalicelib.platform.wire.client import WireClient

# Repeating these does no harm. A transaction or a conditional update may have been carried out although its
# answer got lost, so whoever sent it decides what to do.
_REPEATABLE = frozenset({GET_ITEM, BATCH_GET_ITEM, QUERY, SCAN, BATCH_WRITE_ITEM})

T = TypeVar("T")


class DynamoDBClient(WireClient):
    """What PynamoDB asks of botocore's client of DynamoDB."""

    def _make_api_call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with transient_as_unavailable("DynamoDB"):
            return self.call(operation, parameters)

    def read(self, operation: str, parameters: dict[str, Any], answer: msgspec.json.Decoder[T]) -> T:
        """Carry out an operation that PynamoDB has no part in, and return its answer as typed."""
        with transient_as_unavailable("DynamoDB"):
            return self.call_typed(operation, parameters, answer)


class RetryingConnection(Connection):
    """A connection that is made when it is needed first, and repeats what may be repeated.

    Args:
        make_client: makes the client of DynamoDB.
        retry: repeats operations.
        retry_seconds: until when.
        region: as PynamoDB wants to know it.
    """

    def __init__(
        self, make_client: Callable[[], DynamoDBClient], *, retry: Retry, retry_seconds: float, region: str
    ) -> None:
        super().__init__(region=region)
        self._make_client = make_client
        self._made_client: DynamoDBClient | None = None
        self._retry = retry
        self._retry_seconds = retry_seconds
        self._making_client = threading.Lock()

    @property
    def client(self) -> Any:
        """The client; threads that start together share one and its connections."""
        if self._made_client is None:
            with self._making_client:
                self._made_client = self._made_client or self._make_client()
        return self._made_client

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Carry out an operation. PynamoDB's own also asks what it cost and tells listeners: we have none.

        Raises:
            Unavailable: DynamoDB did not answer, or asked for patience, until the deadline.
        """
        return self._retry.until(
            self._retry_seconds if operation_name in _REPEATABLE else 0,
            lambda: self._make_api_call(operation_name, operation_kwargs),
        )

    def read(self, operation: str, parameters: dict[str, Any], answer: msgspec.json.Decoder[T]) -> T:
        """Carry out an operation that only reads, and return its answer as typed.

        Raises:
            Unavailable: DynamoDB did not answer, or asked for patience, until the deadline.
        """
        client: DynamoDBClient = self.client
        return self._retry.until(self._retry_seconds, lambda: client.read(operation, parameters, answer))
