"""Reading orders."""

from chalicelib.errors import NotFound
from chalicelib.orders.model import PersonalOrder, StoreOrder
from chalicelib.orders.storage.tables import ORDERS_TABLE, OrderRow, to_order, to_store_order
from chalicelib.platform.dynamodb.database import Database


class OrderRepository:
    """Orders of both kinds as they are stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._orders = database.bind(OrderRow, ORDERS_TABLE)

    def get(self, order_id: int) -> StoreOrder | PersonalOrder:
        """Return one order, read consistently.

        Raises:
            NotFound: there is no such order.
        """
        row = self._database.find(self._orders, order_id)
        if row is None:
            raise NotFound("There is no such order.")
        return to_order(row)

    def get_own(self, order_id: int, user_id: int) -> StoreOrder | PersonalOrder:
        """Return one order of a user, read consistently.

        Raises:
            NotFound: there is no such order, or it is another account's; the error does not say which.
        """
        order = self.get(order_id)
        if order.user_id != user_id:
            raise NotFound("There is no such order.")
        return order

    def store_orders(self, store_id: int, before: int | None, limit: int) -> list[StoreOrder]:
        """Return up to `limit` orders of a store, newest first, older than the order `before`."""
        rows = self._orders.by_store.query(
            store_id,
            None if before is None else OrderRow.id < before,
            scan_index_forward=False,
            limit=limit,
        )
        return [to_store_order(row) for row in rows]

    def user_orders(
        self, user_id: int, limit: int, *, before: int | None = None, after: int | None = None
    ) -> list[StoreOrder | PersonalOrder]:
        """Return up to `limit` orders of an account, newest first.

        Args:
            user_id: whose orders.
            limit: orders at the most.
            before: only orders older than this one, the newest of them.
            after: only orders newer than this one, the oldest of them.
        """
        older = after is None
        position = None if before is None else OrderRow.id < before
        rows = self._orders.by_user.query(
            user_id,
            position if older else OrderRow.id > after,
            scan_index_forward=not older,
            limit=limit,
        )
        orders = [to_order(row) for row in rows]
        return orders if older else orders[::-1]
