"""DynamoDB for every repository: one connection shared by all tables, its faults in our own words."""

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from pynamodb.attributes import Attribute
from pynamodb.connection import Connection
from pynamodb.constants import (
    BATCH_GET_ITEM,
    BATCH_WRITE_ITEM,
    GET_ITEM,
    KEYS,
    NUMBER,
    QUERY,
    RESPONSES,
    SCAN,
    STRING,
    UNPROCESSED_KEYS,
)
from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.models import Model

from chalicelib.errors import Unavailable
from chalicelib.platform.retry import tries
from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0
# How long an operation that may be repeated is tried; a request still has time for an answer then.
PATIENCE_SECONDS = 1.0
POOL_SIZE = 50
BATCH_GET_LIMIT = 100

Row = TypeVar("Row", bound=Model)

# Those that may be tried again, of
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_PASSING = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

# Cancellation reason codes of
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
REFUSED = "ConditionalCheckFailed"
CONTENTION = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


# Doing these twice does no harm. A transaction or a conditional update may have been carried out although
# its answer got lost, so whoever sent it decides what to do.
_REPEATABLE = frozenset({GET_ITEM, BATCH_GET_ITEM, QUERY, SCAN, BATCH_WRITE_ITEM})


class _PatientConnection(Connection):
    """PynamoDB's connection, with our retries in place of botocore's, whose first pause is up to a second."""

    def __init__(self, *, patience_seconds: float, **options: Any) -> None:
        super().__init__(max_retry_attempts=0, **options)
        self._patience_seconds = patience_seconds
        self._making_client = threading.Lock()

    @property
    def client(self) -> Any:
        # Threads that start together, such as one a shard, would each make a client and a pool of their own.
        with self._making_client:
            return super().client

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        patience = self._patience_seconds if operation_name in _REPEATABLE else 0
        for _ in tries(patience):
            try:
                return super().dispatch(operation_name, operation_kwargs)
            except (BotoCoreError, ClientError) as error:
                fault = _passing_fault(error)
                if fault is None:
                    raise
        raise fault


def _passing_fault(error: BotoCoreError | ClientError) -> Unavailable | None:
    """Return our word for a fault that another try may not meet; None for one that it will."""
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code not in _PASSING and status < 500:
            return None
    elif isinstance(error, NoCredentialsError):
        return None
    else:
        code = type(error).__name__
    fault = Unavailable(f"DynamoDB: {code}")
    fault.__cause__ = error
    return fault


class Database:
    """All tables of one stage behind one connection pool.

    Passing faults (throttling, timeouts, a lost connection) surface as `Unavailable` from every
    operation, so that repositories and services need not know botocore's errors.

    Args:
        settings: gives the region, the endpoint and the full names of the tables.
        patience_seconds: how long an operation that may be repeated is tried.
    """

    def __init__(self, settings: Settings, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._settings = settings
        self._tables: set[str] = set()
        self._patience_seconds = patience_seconds
        self.connection = _PatientConnection(
            patience_seconds=patience_seconds,
            region=settings.aws_region,
            host=settings.aws_endpoint_url_dynamodb or settings.aws_endpoint_url or None,
            connect_timeout_seconds=CONNECT_SECONDS,
            read_timeout_seconds=READ_SECONDS,
            max_pool_connections=POOL_SIZE,
        )

    def bind(self, row: type[Row], table: str) -> type[Row]:
        """Return the row type bound to this stage's table of that name.

        PynamoDB would give every model a client of its own; replacing the connection saves a client's
        construction and a connection pool per table.
        """

        class Meta:
            table_name = self._settings.resource(table)

        bound = type(row.__name__, (row,), {"Meta": Meta, "__module__": row.__module__})
        table_connection = bound._get_connection()
        if Meta.table_name not in self._tables:
            self._tables.add(Meta.table_name)
            self.connection.add_meta_table(table_connection.get_meta_table())
        table_connection.connection = self.connection
        return bound

    def get_many(self, row: type[Row], keys: Iterable[tuple[Any, Any]], *, consistent: bool) -> Iterator[Row]:
        """Yield the rows that exist under these (hash, range) keys, in no order, 100 a round trip.

        Raises:
            Unavailable: the table kept some keys back until the deadline.
        """
        names = row._hash_keyname, row._range_keyname
        wanted = [dict(zip(names, row._serialize_keys(*key), strict=True)) for key in keys]
        for start in range(0, len(wanted), BATCH_GET_LIMIT):
            yield from self._get_batch(row, wanted[start : start + BATCH_GET_LIMIT], consistent)

    def _get_batch(self, row: type[Row], keys: list[dict[str, Any]], consistent: bool) -> Iterator[Row]:
        table = row.Meta.table_name
        for _ in tries(self._patience_seconds):
            answer = self.connection.batch_get_item(table, keys, consistent_read=consistent)
            for item in answer[RESPONSES].get(table, ()):
                yield row.from_raw_data(item)
            keys = answer.get(UNPROCESSED_KEYS, {}).get(table, {}).get(KEYS, [])
            if not keys:
                return
        raise Unavailable("DynamoDB: keys left unprocessed")


def may_pass(error: TransactWriteError) -> bool:
    """Say whether contention and conditions alone cancelled a transaction: read anew, it may go better."""
    reasons = {reason.code for reason in error.cancellation_reasons or () if reason}
    return bool(reasons) and reasons <= CONTENTION | {REFUSED}


def is_refusal(error: PynamoDBException) -> bool:
    """Say whether a single write failed for nothing but its condition."""
    return error.cause_response_code == f"{REFUSED}Exception"


class MoneyAttribute(Attribute[Decimal]):
    """An amount as a DynamoDB number, exact; PynamoDB's own number attribute goes through a float."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        return str(value)

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value).quantize(Decimal("0.01"))


class MomentAttribute(Attribute[datetime]):
    """A moment in UTC as RFC 3339 text, which sorts by time and is readable in the console."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat(timespec="milliseconds")

    def deserialize(self, value: str) -> datetime:
        return datetime.fromisoformat(value)
