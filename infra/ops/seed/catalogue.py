"""Shops, products and stock to try the product on; the same for the same seed."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.catalog.model import Category, Product
from chalicelib.inventory.model import Stock, Store
from infra.ops.seed.vocabulary import BRANDS, CITIES, RANGES, SERIES

# Any number gives shops; this one those that the README's examples show.
DEFAULT_SEED = 2025
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
ELECTRONICS = 1
PLENTY = 5_000

# The examples in README.md name these products, and store 1 carries them in these quantities.
FEATURED = {
    10: ("iPhone 15", "Latest generation Apple smartphone.", "1000.00", PLENTY),
    11: ("Samsung TV", "55 inch 4K television with HDR and three HDMI ports.", "1500.00", PLENTY),
    12: ("iPhone 15 Pro", "Apple smartphone with titanium frame and triple camera.", "1200.00", 10),
    13: ("iPhone Charger Adapter", "20 W USB-C power adapter for iPhone and iPad.", "19.00", 3),
}


@dataclass(frozen=True, slots=True)
class Volumes:
    """How many rows to make of each kind."""

    categories: int = 12
    products: int = 1_200
    stores: int = 20
    stock_per_store: int = 320

    @property
    def rows(self) -> int:
        """All rows together."""
        carried = min(self.stock_per_store, self.products)
        return self.categories + self.products + self.stores + self.stores * carried


class Catalogue:
    """All rows that one seed gives.

    Args:
        volumes: how much; categories at most as many as the vocabulary has ranges.
        seed: any number; the same one gives the same shops.
    """

    def __init__(self, volumes: Volumes, seed: int) -> None:
        self.volumes = volumes
        self._seed = seed

    def categories(self) -> Iterator[Category]:
        """Yield the categories."""
        for number, product_range in enumerate(RANGES[: self.volumes.categories], start=1):
            yield Category(id=number, name=product_range.category)

    def products(self) -> Iterator[Product]:
        """Yield the products; their titles are all different."""
        for number in range(1, self.volumes.products + 1):
            yield self.product(number)

    def product(self, number: int) -> Product:
        """Make one product."""
        created_at = FIRST_DAY + timedelta(minutes=number)
        if number in FEATURED:
            title, description, featured_price, _ = FEATURED[number]
            category = Category(ELECTRONICS, RANGES[0].category)
            return Product(number, title, description, Decimal(featured_price), category, created_at)
        turn, shelf = divmod(number - 1, self.volumes.categories)
        product_range = RANGES[shelf]
        category = Category(shelf + 1, product_range.category)
        kinds = len(product_range.things) * len(BRANDS) * len(SERIES) * len(product_range.variants)
        edition, kind = divmod(turn, kinds)
        place = self._scatter(shelf, kind, kinds)
        place, thing = divmod(place, len(product_range.things))
        place, brand = divmod(place, len(BRANDS))
        variant, series = divmod(place, len(SERIES))
        noun, low, high = product_range.things[thing]
        title = f"{BRANDS[brand]} {SERIES[series]} {noun}, {product_range.variants[variant]}"
        if edition:
            title += f", Edition {edition + 1}"
        chance = random.Random(f"{self._seed}:product:{number}")
        description = f"{chance.choice(product_range.praise)} {chance.choice(product_range.details)}"
        price = Decimal(chance.randint(low, high)) - Decimal(chance.choice(("0.01", "0.05", "0.50", "0.00")))
        return Product(number, title, description, price, category, created_at)

    def _scatter(self, shelf: int, kind: int, kinds: int) -> int:
        """Shuffle the numbers 0…kinds-1, so that products with neighbouring ids differ."""
        chance = random.Random(f"{self._seed}:shelf:{shelf}")
        stride = chance.randrange(1, kinds)
        while math.gcd(stride, kinds) != 1:
            stride = chance.randrange(1, kinds)
        return (kind * stride + chance.randrange(kinds)) % kinds

    def stores(self) -> Iterator[Store]:
        """Yield the stores."""
        for number in range(1, self.volumes.stores + 1):
            turn, city = divmod(number - 1, len(CITIES))
            name, street = CITIES[city]
            suffix = f" {turn + 1}" if turn else ""
            yield Store(id=number, name=f"Stockroom {name}{suffix}", location=f"{street}, {name}")

    def stock(self, store_id: int) -> Iterator[Stock]:
        """Yield what a store carries: mostly plenty, some with a few left, some sold out."""
        chance = random.Random(f"{self._seed}:store:{store_id}")
        everything = range(1, self.volumes.products + 1)
        carried = set(chance.sample(everything, min(self.volumes.stock_per_store, self.volumes.products)))
        featured = FEATURED.keys() & set(everything) if store_id == 1 else set()
        # Featured products replace others, so that the number of rows stays the same.
        surplus = sorted(carried - featured)[: len(featured - carried)]
        for product_id in sorted(carried - set(surplus) | featured):
            product = self.product(product_id)
            yield Stock(
                product_id=product_id,
                copy=product.copy,
                quantity=FEATURED[product_id][3] if product_id in featured else _quantity(chance),
            )


def _quantity(chance: random.Random) -> int:
    share = chance.random()
    if share < 0.15:
        return 0
    if share < 0.40:
        return chance.randint(1, 5)
    return chance.randint(20, 500)
