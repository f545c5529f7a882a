"""Editing the catalogue: each change makes a new version of it and is announced."""

import dataclasses
import logging
from collections.abc import Callable
from decimal import Decimal

from chalicelib.catalog.model import Category, Edition, Product
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.catalog.storage.transactions import CatalogTransactions
from chalicelib.errors import Contended, InvalidInput, NotFound, Unavailable
from chalicelib.platform.clock import Clock
from chalicelib.platform.retry import tries

DEADLINE_SECONDS = 3.0

logger = logging.getLogger(__name__)


class CatalogEditor:
    """Adds, edits and retires products.

    A change is announced after it is stored. When the queue is down, the change holds all the same: the
    scheduled function finds that search is behind the catalogue, and which copies have not followed.

    Args:
        catalog: reads the catalogue.
        transactions: change it.
        announce: queues what changed; may raise `Unavailable`.
        clock: the time.
    """

    def __init__(
        self,
        catalog: CatalogRepository,
        transactions: CatalogTransactions,
        announce: Callable[[CatalogChanged], None],
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._transactions = transactions
        self._announce = announce
        self._clock = clock

    def add_product(self, *, title: str, description: str, price: Decimal, category_id: int) -> Product:
        """Add a product to the catalogue.

        Raises:
            InvalidInput: there is no such category.
            Contended: others kept changing the catalogue.
            Unavailable: the database gave no answer; the product may or may not be stored.
        """
        for _ in tries(DEADLINE_SECONDS):
            product = Product(
                id=self._transactions.next_product_id(),
                title=title,
                description=description,
                price=price,
                category=self._category(category_id),
                created_at=self._clock(),
            )
            version = self._transactions.add(product, product.created_at)
            if version:
                self._tell(CatalogChanged(catalog_version=version))
                return product
            # Rows that were written past this class, as a seed's are, may have ids that the counter gives.
            self._transactions.skip_taken_ids()
        raise _contended()

    def update_product(
        self,
        product_id: int,
        *,
        title: str | None = None,
        description: str | None = None,
        price: Decimal | None = None,
        category_id: int | None = None,
    ) -> Product:
        """Change what is given of a product; the copies of it on stock rows follow within seconds.

        Returns:
            The product as it is now. A change to what it already is makes no new version.

        Raises:
            NotFound: there is no such product, or it is retired.
            InvalidInput: there is no such category.
            Contended, Unavailable: as for `add_product`; trying again is safe.
        """
        given = {"title": title, "description": description, "price": price}
        changes = {name: value for name, value in given.items() if value is not None}
        for _ in tries(DEADLINE_SECONDS):
            edition = self._catalog.edition(product_id)
            category = self._category(category_id or edition.product.category.id)
            changed = dataclasses.replace(edition.product, **changes, category=category)
            if changed == edition.product or self._replace(edition, changed):
                return changed
        raise _contended()

    def retire_product(self, product_id: int) -> None:
        """Take a product out of the catalogue; its row stays, for the orders that name it.

        Raises:
            NotFound: there is no such product, or it is retired already.
            Contended, Unavailable: as for `add_product`; trying again is safe.
        """
        for _ in tries(DEADLINE_SECONDS):
            edition = self._catalog.edition(product_id)
            version = self._transactions.retire(product_id, edition.version, self._clock())
            if version:
                self._tell(CatalogChanged(catalog_version=version))
                return
        raise _contended()

    def _replace(self, edition: Edition, changed: Product) -> bool:
        copies = _copied(changed) != _copied(edition.product)
        version = self._transactions.replace(changed, edition.version, self._clock(), copies=copies)
        if version:
            self._tell(CatalogChanged(catalog_version=version, product_id=changed.id if copies else None))
        return version is not None

    def _category(self, category_id: int) -> Category:
        try:
            return self._catalog.category(category_id)
        except NotFound as error:
            raise InvalidInput(str(error), {"category_id": [str(error)]}) from error

    def _tell(self, message: CatalogChanged) -> None:
        try:
            self._announce(message)
        except Unavailable as error:
            logger.warning("Version %d is announced later: %s", message.catalog_version, error)


def _copied(product: Product) -> tuple[str, Decimal, str]:
    """Return what stock rows copy of a product."""
    return product.title, product.price, product.category.name


def _contended() -> Contended:
    return Contended("Too many changes are made to the catalogue right now.")
