"""Stores and their stock over HTTP (contract, "Inventory" and "Catalogue reads")."""

from chalicelib.api.answers import Answer
from chalicelib.api.paging import ID_CURSORS, Cursors, PageQuery, page
from chalicelib.api.routes import Api, Call
from chalicelib.inventory.model import Stock
from chalicelib.inventory.payloads import InventoryQuery, StockPayload, StorePayload, TitlePosition
from chalicelib.wiring import wired

_TITLE_CURSORS = Cursors(tuple[str, TitlePosition])

inventory = Api(__name__)


@inventory.get("/stores", query=PageQuery, answers={200: list[StorePayload]})
def stores(call: Call[None, PageQuery]) -> Answer[list[StorePayload]]:
    """List the stores, by id."""
    return page(
        call,
        ID_CURSORS,
        wired().inventory.stores.stores,
        position_of=lambda store: store.id,
        render=StorePayload.of,
    )


@inventory.get("/stores/{store_id}", answers={200: StorePayload})
def store(_: Call[None, None], store_id: int) -> Answer[StorePayload]:
    """Show one store."""
    return Answer(StorePayload.of(wired().inventory.stores.store(store_id)))


@inventory.get("/stores/{store_id}/inventory", query=InventoryQuery, answers={200: list[StockPayload]})
def store_inventory(call: Call[None, InventoryQuery], store_id: int) -> Answer[list[StockPayload]]:
    """List a store's stock by title, as it is at this moment."""

    def fetch(after: TitlePosition | None, limit: int) -> list[tuple[str, Stock]]:
        last = (after.title_key, after.product_id) if after else None
        found = wired().inventory.stock.listing(store_id, last, limit)
        if not found:
            # Only an empty answer leaves open whether there is such a store.
            wired().inventory.stores.store(store_id)
        return found

    return page(
        call,
        _TITLE_CURSORS,
        fetch,
        position_of=lambda row: TitlePosition(row[0], row[1].product_id),
        render=lambda row: StockPayload.of(row[1]),
    )
