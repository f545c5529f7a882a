"""DynamoDB for every repository: one connection shared by all tables, its faults in our own words."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from pynamodb.attributes import Attribute
from pynamodb.connection import Connection
from pynamodb.constants import KEYS, NUMBER, RESPONSES, STRING, UNPROCESSED_KEYS
from pynamodb.models import Model

from chalicelib.backoff import tries
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0
ATTEMPTS = 2
POOL_SIZE = 50
BATCH_GET_LIMIT = 100
BATCH_GET_DEADLINE_SECONDS = 3.0

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


class _FaultTranslatingConnection(Connection):
    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            return super().dispatch(operation_name, operation_kwargs)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if error.response["Error"]["Code"] in _PASSING or status >= 500:
                raise Unavailable(f"DynamoDB: {error.response['Error']['Code']}") from error
            raise
        except NoCredentialsError:
            raise
        except BotoCoreError as error:
            raise Unavailable(f"DynamoDB: {type(error).__name__}") from error


class Database:
    """All tables of one stage behind one connection pool.

    Passing faults (throttling, timeouts, a lost connection) surface as `Unavailable` from every
    operation, so that repositories and services need not know botocore's errors.

    Args:
        settings: gives the region, the endpoint and the full names of the tables.
        attempts: tries of one operation in all, the first included.
    """

    def __init__(self, settings: Settings, attempts: int = ATTEMPTS) -> None:
        self._settings = settings
        self._tables: set[str] = set()
        self.connection = _FaultTranslatingConnection(
            region=settings.aws_region,
            host=settings.aws_endpoint_url_dynamodb or settings.aws_endpoint_url or None,
            connect_timeout_seconds=CONNECT_SECONDS,
            read_timeout_seconds=READ_SECONDS,
            max_retry_attempts=attempts - 1,
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
        for _ in tries(BATCH_GET_DEADLINE_SECONDS):
            answer = self.connection.batch_get_item(table, keys, consistent_read=consistent)
            for item in answer[RESPONSES].get(table, ()):
                yield row.from_raw_data(item)
            keys = answer.get(UNPROCESSED_KEYS, {}).get(table, {}).get(KEYS, [])
            if not keys:
                return
        raise Unavailable("DynamoDB: keys left unprocessed")


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
