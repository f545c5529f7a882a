"""Products to search for, and an index of them."""

import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from chalicelib.search.engine.index import SearchIndex, build
from chalicelib.search.model import IndexedProduct

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def product(
    number: int,
    title: str,
    description: str = "",
    price: str = "10.00",
    category: tuple[int, str] = (1, "Various"),
    day: int = 0,
    stores: dict[int, bool] | None = None,
) -> IndexedProduct:
    """Make a product.

    Args:
        day: when it was created, counted from the first day of 2026.
        stores: the stores that carry it, and whether they have it in stock.
    """
    stores = stores or {}
    return IndexedProduct(
        id=number,
        title=title,
        description=description,
        price=Decimal(price),
        category_id=category[0],
        category_name=category[1],
        created_at=FIRST_DAY + timedelta(days=day),
        carried_by=tuple(stores),
        in_stock_at=tuple(store_id for store_id, in_stock in stores.items() if in_stock),
    )


def index_of(products: Iterable[IndexedProduct], **options: int) -> SearchIndex:
    """Build an index and open it; its files are deleted at once, which an open index does not mind.

    Tantivy's threads may touch the folder once more meanwhile, so that it cannot always be removed.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        build(products, Path(folder))
        return SearchIndex.open(Path(folder), **options)
