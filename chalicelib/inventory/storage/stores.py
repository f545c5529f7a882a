"""Reading stores."""

from chalicelib.errors import NotFound
from chalicelib.inventory.model import Store
from chalicelib.inventory.storage.tables import STORE, STORES_TABLE, StoreRow
from chalicelib.platform.dynamodb.database import Database


class StoreRepository:
    """The stores; retired ones are not shown."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.bind(StoreRow, STORES_TABLE)

    def stores(self, after: int | None, limit: int) -> list[Store]:
        """Return up to `limit` stores after the one with id `after`, by id."""
        rows = self._rows.query(
            STORE,
            StoreRow.id > (after or 0),
            filter_condition=StoreRow.deleted_at.does_not_exist(),
            limit=limit,
        )
        return [_store(row) for row in rows]

    def store(self, store_id: int) -> Store:
        """Return one store.

        Raises:
            NotFound: there is no such store, or it is retired.
        """
        row = self._database.find(self._rows, STORE, store_id, consistent=False)
        if row is None or row.deleted_at is not None:
            raise NotFound(f"There is no store {store_id}.")
        return _store(row)


def _store(row: StoreRow) -> Store:
    return Store(id=int(row.id), name=row.name, location=row.location)
