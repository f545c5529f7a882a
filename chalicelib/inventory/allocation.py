"""The door of inventory: how an order takes stock, and how a cancelled one gives it back.

Orders say what they want and get an allocation. It knows what the products are called and cost, adds its own
writes to the order's transaction, and says what is available when that was refused. That it remembers titles
and prices, and that stock may be split over shards, is inventory's own business.
"""

from collections.abc import Collection, Mapping, Sequence

from chalicelib.catalog.model import ProductCopy
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.errors import UnknownProducts
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.cache import StockCache
from chalicelib.inventory.storage.shards import StockShards
from chalicelib.inventory.storage.stock import StockRepository
from chalicelib.inventory.storage.stores import StoreRepository
from chalicelib.platform.dynamodb.transaction import Reason, Transaction
from chalicelib.platform.runtime import Runtime

# Numbers of units by product id.
Units = Mapping[int, int]


class Allocation:
    """What an order wants of one store's stock.

    Args:
        stock, cache: where the stock is kept, and remembered.
        store_id: whose stock.
        wanted: what is wanted.
        products: title and price of every wanted product.
        shards: the shard from which each product is to be taken.
        available: what was seen of each product; None as long as nothing is known against taking all of it.
    """

    def __init__(
        self,
        stock: StockRepository,
        cache: StockCache,
        store_id: int,
        wanted: Units,
        products: Mapping[int, ProductCopy],
        shards: Mapping[int, int],
        available: Units | None = None,
    ) -> None:
        self.products = products
        self.available = available
        self._stock = stock
        self._cache = cache
        self._store_id = store_id
        self._wanted = wanted
        self._shards = shards
        self._writes: dict[int, int] = {}

    def add_to(self, transaction: Transaction) -> None:
        """Add to the transaction: take every product's units, if there are as many at the title and price."""
        for product_id, units in self._wanted.items():
            self._writes[product_id] = self._stock.take(
                transaction,
                self._store_id,
                product_id,
                units,
                self.products[product_id],
                self._shards[product_id],
            )

    def after(self, reasons: Sequence[Reason]) -> "Allocation":
        """Return what is known after the transaction was cancelled for these reasons.

        A product whose condition held counts as available in the wanted number. One that contention hid is
        read only if the order is short of another one anyway.

        Raises:
            Unavailable: the database gave no answer.
        """
        seen: dict[int, Stock] = {}
        unseen, hidden = set(), set()
        for product_id, write in self._writes.items():
            if reasons[write].contended:
                hidden.add(product_id)
            elif reasons[write].condition_failed:
                if stock := self._stock.seen_by(reasons[write], self._shards[product_id]):
                    seen[product_id] = stock
                else:
                    unseen.add(product_id)
        if unseen or any(stock.quantity < self._wanted[product_id] for product_id, stock in seen.items()):
            unseen |= hidden
        if unseen:
            self._cache.drop(self._store_id, unseen)
            seen |= self._stock.levels(self._store_id, unseen)
        self._cache.put(self._store_id, seen.values())
        gone = dict.fromkeys(unseen - seen.keys(), 0)
        return Allocation(
            self._stock,
            self._cache,
            self._store_id,
            self._wanted,
            {**self.products, **{product_id: stock.copy for product_id, stock in seen.items()}},
            shards={},
            available={**self._wanted, **gone, **_quantities(seen)},
        )


class StockAllocator:
    """Allocates stock to orders, and takes it back.

    Args:
        stock, shards, stores, catalog: where things are kept.
        runtime: chooses among the shards of split stock, and says how long ago stock was seen.
    """

    def __init__(
        self,
        stock: StockRepository,
        shards: StockShards,
        stores: StoreRepository,
        catalog: CatalogRepository,
        runtime: Runtime,
    ) -> None:
        self._stock = stock
        self._shards = shards
        self._stores = stores
        self._catalog = catalog
        self._runtime = runtime
        self._cache = StockCache(runtime.monotonic)

    def allocate(self, store_id: int, wanted: Units) -> Allocation:
        """Prepare to take units of a store's stock; nothing is read when all of it is remembered.

        Of a product that was short a moment ago, everybody who still asks for it would pay for the writes of
        a transaction that fails. So those orders read first, and only go on when there is enough again.

        Raises:
            NotFound: there is no such store.
            UnknownProducts: the catalogue has no such products.
            Contended: the units of split stock could not be brought together; another attempt may go better.
            Unavailable: the database gave no answer.
        """
        carried, seen = self._cache.get(store_id, wanted), dict[int, Stock]()
        if unknown := wanted.keys() - carried.keys():
            seen = self._read(store_id, unknown)
            carried |= seen
        products = _copies(carried)
        if missing := wanted.keys() - carried.keys():
            if not carried:
                self._stores.store(store_id)
            products |= self._copies_of_uncarried(missing)
        if missing or self._cache.just_seen_short(store_id, wanted):
            # All of it, because a rejection names every short line; consistently, because a read at half the
            # price may miss what came in before the order did, and would turn away who could be served.
            if unknown != wanted.keys():
                seen = self._read(store_id, wanted)
            carried |= seen
            products |= _copies(seen)
            available = _quantities(seen)
            if any(available.get(product_id, 0) < units for product_id, units in wanted.items()):
                return Allocation(self._stock, self._cache, store_id, wanted, products, {}, available)
        shards = {
            product_id: self._shard(store_id, carried[product_id], units)
            for product_id, units in wanted.items()
        }
        return Allocation(self._stock, self._cache, store_id, wanted, products, shards)

    def give_back(self, transaction: Transaction, store_id: int, units: Units) -> Mapping[int, int]:
        """Add to the transaction: put units back into a store's stock.

        Returns:
            The numbers of the writes by product id; a write's condition fails where the store no longer
            carries the product.
        """
        return {
            product_id: self._stock.give_back(transaction, store_id, product_id, number)
            for product_id, number in units.items()
        }

    def _read(self, store_id: int, product_ids: Collection[int]) -> dict[int, Stock]:
        levels = self._stock.levels(store_id, product_ids)
        self._cache.put(store_id, levels.values())
        self._cache.drop(store_id, set(product_ids) - levels.keys())
        return levels

    def _copies_of_uncarried(self, product_ids: Collection[int]) -> dict[int, ProductCopy]:
        """Return title and price of products that the store does not carry, from the catalogue."""
        copies = {product.id: product.copy for product in self._catalog.products_by_id(product_ids)}
        if unknown := set(product_ids) - copies.keys():
            raise UnknownProducts(unknown)
        return copies

    def _shard(self, store_id: int, stock: Stock, units: int) -> int:
        """Choose the shard to take a product from; bring its units together if no shard has enough alone."""
        if not stock.shards:
            return 0
        if enough := stock.shards_with(units):
            return self._runtime.random.choice(enough)
        if stock.quantity >= units:
            self._cache.drop(store_id, [stock.product_id])
            self._shards.gather(store_id, stock.product_id, units)
        return 0


def _copies(stock: Mapping[int, Stock]) -> dict[int, ProductCopy]:
    return {product_id: entry.copy for product_id, entry in stock.items()}


def _quantities(stock: Mapping[int, Stock]) -> dict[int, int]:
    return {product_id: entry.quantity for product_id, entry in stock.items()}
