"""The one place that makes AWS clients, and the one way to call them: timeouts, retries, our own errors.

botocore is used without boto3, whose resource layer costs import time and is not needed here.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from chalicelib.errors import Unavailable

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from chalicelib.platform.retry import Retry
    from chalicelib.platform.settings import Settings

# Error codes that another attempt may not meet, beside every status from 500, of
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
TRANSIENT_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

# What a call answers with: its members, parsed as botocore's model of the service says.
Answer = dict[str, Any]

T = TypeVar("T")


@cache
def session() -> botocore.session.Session:
    """Return where this process finds credentials, configuration and what else AWS's tools share."""
    return botocore.session.get_session()


def client(
    service: str, settings: "Settings", *, connect_seconds: float, read_seconds: float
) -> "BaseClient":
    """Make a client of an AWS service that attempts each call once.

    Args:
        service: botocore's name of the service, e.g. `sqs`.
        settings: gives the region and, for a local cloud, the endpoint.
        connect_seconds: how long an attempt may take to connect.
        read_seconds: how long an attempt may wait for data.
    """
    return session().create_client(
        service,
        region_name=settings.aws_region,
        endpoint_url=settings.aws_endpoint_url or None,
        config=Config(
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"total_max_attempts": 1, "mode": "standard"},
        ),
    )


@contextmanager
def unavailable(service: str) -> Iterator[None]:
    """Raise every error of a call as `Unavailable`, for callers who cannot do anything about it."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(f"{service}: {_code(error)}") from error


@contextmanager
def transient_as_unavailable(service: str) -> Iterator[None]:
    """Raise as `Unavailable` what another attempt may not meet; other errors pass through."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if not _is_transient(error):
            raise
        raise Unavailable(f"{service}: {_code(error)}") from error


def call_until(retry: "Retry", deadline_seconds: float, service: str, attempt: Callable[[], T]) -> T:
    """Attempt a call until the deadline, and return its answer.

    Raises:
        Unavailable: the service refused, or did not answer in time.
    """

    def once() -> T:
        with transient_as_unavailable(service):
            return attempt()

    with unavailable(service):
        return retry.until(deadline_seconds, once)


def _is_transient(error: BotoCoreError | ClientError) -> bool:
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return _code(error) in TRANSIENT_CODES or status >= 500
    return not isinstance(error, NoCredentialsError)


def _code(error: BotoCoreError | ClientError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


class AwsService:
    """One AWS service. Every error of a call is `Unavailable`: callers cannot do anything else about it.

    Args:
        name: botocore's name of the service, e.g. `sqs`.
        settings: gives region and endpoint.
        retry: repeats calls that met a transient error.
        connect_seconds, read_seconds: how long one attempt may take to connect, and may wait for data.
        deadline_seconds: no attempt begins later; with 0 there is one attempt.
    """

    def __init__(
        self,
        name: str,
        settings: "Settings",
        retry: "Retry",
        *,
        connect_seconds: float,
        read_seconds: float,
        deadline_seconds: float,
    ) -> None:
        self._name = name
        self._settings = settings
        self._retry = retry
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._deadline_seconds = deadline_seconds
        self._making_client = threading.Lock()

    @property
    def client(self) -> "BaseClient":
        """The botocore client, made on first use: many functions are wired to a service they seldom call."""
        with self._making_client:
            return self._client

    @cached_property
    def _client(self) -> "BaseClient":
        return client(
            self._name,
            self._settings,
            connect_seconds=self._connect_seconds,
            read_seconds=self._read_seconds,
        )

    def call(self, operation: str, **parameters: object) -> Answer:
        """Call an operation, by botocore's name of its method, and return its answer.

        Raises:
            Unavailable: the service refused, or did not answer until the deadline.
        """

        def attempt() -> Answer:
            answer: Answer = getattr(self.client, operation)(**parameters)
            return answer

        return call_until(self._retry, self._deadline_seconds, self._name.upper(), attempt)
