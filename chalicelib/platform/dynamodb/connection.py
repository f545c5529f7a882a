"""PynamoDB's connection with our own retries and errors."""

import threading
from typing import Any

from pynamodb.connection import Connection
from pynamodb.constants import BATCH_GET_ITEM, BATCH_WRITE_ITEM, GET_ITEM, QUERY, SCAN

from chalicelib.platform.aws import transient_as_unavailable
from chalicelib.platform.retry import Retry

# Repeating these does no harm. A transaction or a conditional update may have been carried out although its
# answer got lost, so whoever sent it decides what to do.
_REPEATABLE = frozenset({GET_ITEM, BATCH_GET_ITEM, QUERY, SCAN, BATCH_WRITE_ITEM})


class RetryingConnection(Connection):
    """Our retries replace botocore's, whose first pause is up to a second.

    Args:
        retry: repeats operations that may be repeated.
        retry_seconds: until when.
        options: PynamoDB's.
    """

    def __init__(self, *, retry: Retry, retry_seconds: float, **options: Any) -> None:
        super().__init__(max_retry_attempts=0, **options)
        self._retry = retry
        self._retry_seconds = retry_seconds
        self._making_client = threading.Lock()

    @property
    def client(self) -> Any:
        """The botocore client; threads that start together share one and its connection pool."""
        with self._making_client:
            return super().client

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Carry out an operation.

        Raises:
            Unavailable: DynamoDB did not answer, or asked for patience, until the deadline.
        """

        def attempt() -> dict[str, Any]:
            with transient_as_unavailable("DynamoDB"):
                return super(RetryingConnection, self).dispatch(operation_name, operation_kwargs)

        return self._retry.until(self._retry_seconds if operation_name in _REPEATABLE else 0, attempt)
