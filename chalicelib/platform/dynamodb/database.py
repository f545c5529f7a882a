"""DynamoDB for every repository: one connection for all tables, and each storage idiom once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from msgspec.json import Decoder
from pynamodb.constants import BATCH_GET_ITEM, KEYS, QUERY, RESPONSES, UNPROCESSED_KEYS
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, UpdateError
from pynamodb.models import Model

from chalicelib.errors import Unavailable
from chalicelib.platform.dynamodb.connection import DynamoDBClient, RetryingConnection
from chalicelib.platform.dynamodb.items import Batch, Item, Key, Page
from chalicelib.platform.dynamodb.transaction import CONDITION_FAILED, Transaction
from chalicelib.platform.dynamodb.updates import Update, UpdateAnswer, update_many
from chalicelib.platform.retry import Retry
from chalicelib.platform.settings import Settings

CONNECT_SECONDS = 0.5
READ_SECONDS = 2.0
# Until when an operation that may be repeated is tried again; a request still has time for an answer then.
RETRY_SECONDS = 1.0
BATCH_GET_LIMIT = 100

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")
Keys = list[dict[str, Any]]


class Database:
    """All tables of one stage behind one connection pool.

    Transient faults (throttling, timeouts, a lost connection) surface as `Unavailable` from every operation,
    so that repositories and services need not know botocore's errors.

    Args:
        settings: gives the region, the endpoint and the full names of the tables.
        retry: repeats what may be repeated.
        retry_seconds: until when.
    """

    def __init__(self, settings: Settings, retry: Retry, retry_seconds: float = RETRY_SECONDS) -> None:
        self.retry = retry
        self._settings = settings
        self._tables: set[str] = set()
        self._retry_seconds = retry_seconds
        self.connection = RetryingConnection(
            lambda: DynamoDBClient(
                "dynamodb",
                settings.aws_region,
                settings.aws_endpoint_url_dynamodb or settings.aws_endpoint_url,
                connect_seconds=CONNECT_SECONDS,
                read_seconds=READ_SECONDS,
            ),
            retry=retry,
            retry_seconds=retry_seconds,
            region=settings.aws_region,
        )

    def bind(self, row: type[Row], table: str) -> type[Row]:
        """Return the row type bound to this stage's table of that name.

        PynamoDB would give every model a client of its own; replacing the connection saves a client's
        construction and a connection pool per table.
        """

        class Meta:
            table_name = self._settings.resource(table)

        bound: type[Row] = type(row.__name__, (row,), {"Meta": Meta, "__module__": row.__module__})
        table_connection = bound._get_connection()
        if Meta.table_name not in self._tables:
            self._tables.add(Meta.table_name)
            self.connection.add_meta_table(table_connection.get_meta_table())
        table_connection.connection = self.connection
        return bound

    def find(
        self, rows: type[Row], hash_key: Any, range_key: Any = None, *, consistent: bool = True
    ) -> Row | None:
        """Return the row with this key; None when there is none."""
        try:
            return rows.get(hash_key, range_key, consistent_read=consistent)
        except DoesNotExist:
            return None

    def get_many(
        self, rows: type[Row], keys: Iterable[tuple[Any, Any]], *, consistent: bool
    ) -> Iterator[Row]:
        """Yield the rows that exist under these (hash, range) keys, in no order, 100 a round trip.

        Raises:
            Unavailable: the table kept some keys back until the deadline.
        """
        table, names = rows.Meta.table_name, (rows._hash_keyname, rows._range_keyname)
        wanted = [
            {name: value for name, value in zip(names, rows._serialize_keys(*key), strict=True) if name}
            for key in keys
        ]

        def ask(batch: Keys) -> tuple[Iterable[Row], Keys]:
            # What the annotation of PynamoDB calls a string is a mapping.
            answer = self.connection.batch_get_item(table, batch, consistent_read=consistent)  # type: ignore[arg-type]
            found = map(rows.from_raw_data, answer[RESPONSES].get(table, ()))
            return found, answer.get(UNPROCESSED_KEYS, {}).get(table, {}).get(KEYS, [])

        return self._in_batches(wanted, ask)

    def get_items(
        self, rows: type[Model], keys: Iterable[Key], decoder: Decoder[Batch[Item]]
    ) -> Iterator[Item]:
        """Yield, read consistently, the items that exist under these keys; as `get_many`, but typed."""
        table = rows.Meta.table_name

        def ask(batch: Keys) -> tuple[Iterable[Item], Keys]:
            request = {"RequestItems": {table: {"Keys": batch, "ConsistentRead": True}}}
            answer = self.connection.read(BATCH_GET_ITEM, request, decoder)
            return answer.Responses.get(table, ()), answer.UnprocessedKeys.get(table, {}).get(KEYS, [])

        return self._in_batches(list(keys), ask)

    def query_items(
        self,
        rows: type[Model],
        index: str,
        hash_key: Key,
        decoder: Decoder[Page[Item]],
        *,
        limit: int,
        after: Key | None,
    ) -> list[Item]:
        """Return, read consistently, up to `limit` items of an index after a key, typed and in order."""
        ((name, value),) = hash_key.items()
        request: dict[str, Any] = {
            "TableName": rows.Meta.table_name,
            "IndexName": index,
            "KeyConditionExpression": "#0 = :0",
            "ExpressionAttributeNames": {"#0": name},
            "ExpressionAttributeValues": {":0": value},
            "ConsistentRead": True,
        }
        found: list[Item] = []
        while True:
            request["Limit"] = limit - len(found)
            if after:
                request["ExclusiveStartKey"] = after
            page = self.connection.read(QUERY, request, decoder)
            found += page.Items
            after = page.LastEvaluatedKey
            # A page ends at a megabyte, too.
            if not after or len(found) >= limit:
                return found

    def transaction(self, write_token: str | None = None) -> Transaction:
        """Begin a transaction; see `Transaction`."""
        return Transaction(self.connection, write_token)

    def update_many(
        self, updates: Sequence[Update[Row]], *, retry_seconds: float, returning: bool = False
    ) -> list[UpdateAnswer[Row]]:
        """Carry out updates of different rows, 25 a round trip, each of which holds or fails on its own.

        Args:
            updates: what to change, at most one update to a row.
            retry_seconds: until when those without an answer are sent again. One that was carried out, and
                whose answer got lost, then finds its own change, which its condition should tell.
            returning: whether changed rows are returned.

        Returns:
            An answer for each, in their order: `Updated`, `ConditionFailed`, or the last `Unavailable`; then
            the update may or may not be carried out.
        """
        return update_many(
            self.connection, updates, self.retry, retry_seconds=retry_seconds, returning=returning
        )

    def _in_batches(self, keys: Keys, ask: Callable[[Keys], tuple[Iterable[Found], Keys]]) -> Iterator[Found]:
        """Yield what `ask` finds of the keys, of which it returns those that the table kept back."""
        for start in range(0, len(keys), BATCH_GET_LIMIT):
            batch = keys[start : start + BATCH_GET_LIMIT]
            for _ in self.retry.attempts(self._retry_seconds):
                found, batch = ask(batch)
                yield from found
                if not batch:
                    break
            else:
                raise Unavailable("DynamoDB: keys left unprocessed")


def condition_held(write: Callable[[], object]) -> bool:
    """Carry out a single conditional write, and say whether its condition held.

    Raises:
        Unavailable: the database gave no answer; the write may or may not be carried out.
    """
    try:
        write()
    except (PutError, UpdateError, DeleteError) as error:
        if error.cause_response_code != f"{CONDITION_FAILED}Exception":
            raise
        return False
    return True
