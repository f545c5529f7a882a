"""What goes into the search index: every product, with the stores that carry it and have it in stock."""

import heapq
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import groupby
from operator import itemgetter
from typing import TypeVar

from chalicelib.catalog.model import Product
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.inventory.storage.stock import StockRepository
from chalicelib.inventory.storage.stores import StoreRepository
from chalicelib.search.model import IndexedProduct

THREADS = 8
# Products of so many ids are read at a time, which is about a megabyte, DynamoDB's own page.
SEGMENT = 2000
STORES_PAGE = 1000

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# The stores that carry a product, and those of them that have it in stock.
Carriers = tuple[tuple[int, ...], tuple[int, ...]]

_NOBODY: Carriers = (), ()


class IndexSource:
    """Reads catalogue and stock for an index, several requests at once and in bounded memory.

    Products are read in segments of their ids, a few segments ahead of the reader. A stock row is kept as
    eight bytes: ten million of them, each in its store's order of product ids, are 80 MB, and are merged
    into the order of the products while those pass by.

    Args:
        catalog, stores, stock: where things are kept.
        pool: makes an executor with so many threads.
        segment: of how many ids products are read at a time.
        stores_page: how many stores are read at a time.
    """

    def __init__(
        self,
        catalog: CatalogRepository,
        stores: StoreRepository,
        stock: StockRepository,
        pool: Callable[[int], Executor],
        segment: int = SEGMENT,
        stores_page: int = STORES_PAGE,
    ) -> None:
        self._catalog = catalog
        self._stores = stores
        self._stock = stock
        self._pool = pool
        self._segment_size = segment
        self._stores_page = stores_page

    def products(self) -> Iterator[IndexedProduct]:
        """Yield every product that is not retired, by id.

        Raises:
            Unavailable: the database gave no answer.
        """
        with self._pool(THREADS) as pool:
            holdings = dict(_ahead(pool, self._packed_holdings, self._store_ids()))
            carriers = _carriers(holdings)
            carried_id, carrying = next(carriers, (0, _NOBODY))
            first_ids = range(1, self._catalog.last_product_id() + 1, self._segment_size)
            for segment in _ahead(pool, self._segment, first_ids):
                for product in segment:
                    while carried_id and carried_id < product.id:
                        carried_id, carrying = next(carriers, (0, _NOBODY))
                    yield _indexed(product, *(carrying if carried_id == product.id else _NOBODY))

    def _segment(self, first_id: int) -> list[Product]:
        return self._catalog.products_between(first_id, first_id + self._segment_size - 1)

    def _store_ids(self) -> Iterator[int]:
        last = 0
        while page := self._stores.stores(last, self._stores_page):
            yield from (store.id for store in page)
            last = page[-1].id

    def _packed_holdings(self, store_id: int) -> tuple[int, "array[int]"]:
        holdings = self._stock.holdings(store_id)
        return store_id, array("q", (product_id * 2 + in_stock for product_id, in_stock in holdings))


def _carriers(
    holdings: "dict[int, array[int]]",
) -> Iterator[tuple[int, tuple[tuple[int, ...], tuple[int, ...]]]]:
    """Yield, by product id, the stores that carry each product and those that have it in stock."""

    def entries(store_id: int) -> Iterator[tuple[int, int, int]]:
        for packed in holdings[store_id]:
            yield packed >> 1, store_id, packed & 1

    merged = heapq.merge(*map(entries, sorted(holdings)))
    for product_id, group in groupby(merged, key=itemgetter(0)):
        entries_of_product = list(group)
        carried_by = tuple(store_id for _, store_id, _ in entries_of_product)
        in_stock_at = tuple(store_id for _, store_id, in_stock in entries_of_product if in_stock)
        yield product_id, (carried_by, in_stock_at)


def _indexed(product: Product, carried_by: tuple[int, ...], in_stock_at: tuple[int, ...]) -> IndexedProduct:
    return IndexedProduct(
        id=product.id,
        title=product.title,
        description=product.description,
        price=product.price,
        category_id=product.category.id,
        category_name=product.category.name,
        created_at=product.created_at,
        carried_by=carried_by,
        in_stock_at=in_stock_at,
    )


def _ahead(pool: Executor, ask: Callable[[Asked], Answer], asked: Iterable[Asked]) -> Iterator[Answer]:
    """Yield the answers in order, asking for no more than a few ahead: `pool.map` would ask for all."""
    pending: deque[Future[Answer]] = deque()
    for one in asked:
        pending.append(pool.submit(ask, one))
        if len(pending) >= THREADS:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
