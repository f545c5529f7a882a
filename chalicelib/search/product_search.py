"""Searching products, with stock as it is at this moment."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from chalicelib.inventory.storage.stock import StockRepository
from chalicelib.inventory.storage.stores import StoreRepository
from chalicelib.search.engine.index import SearchIndex
from chalicelib.search.model import Found, Hit, Hits, ProductQuery

# Up to so many matches are counted by live stock, whatever the snapshot says (contract, "Search").
EXACT_MATCHES = 1_000
# How many further pages of a larger answer are read to fill up the one that was asked for.
REFILLS = 4


class ProductSearch:
    """Finds products in the search index, and asks the inventory for their stock.

    Args:
        index: returns the index that is live now; may raise `Unavailable`.
        stock, stores: the stock of all stores, and which stores there are.
        exact_matches: up to so many matches are counted by live stock.
    """

    def __init__(
        self,
        index: Callable[[], SearchIndex],
        stock: StockRepository,
        stores: StoreRepository,
        exact_matches: int = EXACT_MATCHES,
    ) -> None:
        self._index = index
        self._stock = stock
        self._stores = stores
        self._exact_matches = exact_matches

    def search(self, query: ProductQuery) -> Hits:
        """Find a page of products.

        With a store and `in_stock` the answer goes by live stock: exactly while at most `EXACT_MATCHES`
        products match the rest of the query; above, only the page does, and the count and the candidates
        may lag by one snapshot.

        Raises:
            NotFound: there is no such store.
            Unavailable: there is no index yet, or the inventory does not answer.
        """
        index = self._index()
        if query.store_id is None:
            found = index.search(query)
            return Hits(found.count, [Hit(product, None) for product in found.products], found.corrected)
        if query.in_stock is None:
            found = index.search(query)
            return Hits(found.count, self._with_stock(found, query.store_id), found.corrected)
        everything = index.search(replace(query, in_stock=None, offset=0, limit=self._exact_matches))
        if everything.count > self._exact_matches:
            return self._search_large(index, query, query.store_id)
        hits = self._fitting(everything, query, query.store_id)
        page = hits[query.offset : query.offset + query.limit]
        return Hits(len(hits), page, everything.corrected)

    def suggest(self, q: str) -> list[str]:
        """Return titles that somebody who has typed `q` may mean, from the index alone.

        Raises:
            Unavailable: there is no index yet.
        """
        return self._index().suggest(q)

    def _search_large(self, index: SearchIndex, query: ProductQuery, store_id: int) -> Hits:
        hits: list[Hit] = []
        for found in self._pages(index, query):
            hits += self._fitting(found, query, store_id)
            if len(hits) >= query.limit:
                break
        return Hits(found.count, hits[: query.limit], found.corrected)

    def _pages(self, index: SearchIndex, query: ProductQuery) -> Iterator[Found]:
        for page in range(1 + REFILLS):
            found = index.search(replace(query, offset=query.offset + page * query.limit))
            yield found
            if len(found.products) < query.limit:
                return

    def _fitting(self, found: Found, query: ProductQuery, store_id: int) -> list[Hit]:
        return [hit for hit in self._with_stock(found, store_id) if bool(hit.quantity) == query.in_stock]

    def _with_stock(self, found: Found, store_id: int) -> list[Hit]:
        levels = self._stock.levels(store_id, [product.id for product in found.products])
        if not levels:
            # Only then is it open whether there is such a store.
            self._stores.store(store_id)
        return [
            Hit(product, levels[product.id].quantity if product.id in levels else 0)
            for product in found.products
        ]
