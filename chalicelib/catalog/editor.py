"""Editing the catalogue: each change makes a new version of it and is published."""

import dataclasses
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from chalicelib.catalog.model import Category, Edition, Product
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.repository import CatalogRepository
from chalicelib.catalog.storage.transactions import CatalogTransactions
from chalicelib.errors import Contended, InvalidInput, NotFound, Unavailable
from chalicelib.platform.clock import Clock
from chalicelib.platform.retry import Retry

DEADLINE_SECONDS = 3.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class CatalogEditor:
    """Adds, edits and retires products.

    A change is published after it is stored. When the queue is down, the change holds all the same: the
    sweeper finds that search is behind the catalogue, and which copies have not followed.

    Args:
        catalog: reads the catalogue.
        transactions: change it.
        publish_changed: queues what changed; may raise `Unavailable`.
        clock: the time.
        retry: repeats a change that met another one.
    """

    def __init__(
        self,
        catalog: CatalogRepository,
        transactions: CatalogTransactions,
        publish_changed: Callable[[CatalogChanged], None],
        clock: Clock,
        retry: Retry,
    ) -> None:
        self._catalog = catalog
        self._transactions = transactions
        self._publish_changed = publish_changed
        self._clock = clock
        self._retry = retry

    def add_product(self, *, title: str, description: str, price: Decimal, category_id: int) -> Product:
        """Add a product to the catalogue.

        Raises:
            InvalidInput: there is no such category.
            Contended: others kept changing the catalogue.
            Unavailable: the database gave no answer; the product may or may not be stored.
        """

        def attempt() -> Product | None:
            product = Product(
                id=self._transactions.next_product_id(),
                title=title,
                description=description,
                price=price,
                category=self._category(category_id),
                created_at=self._clock(),
            )
            if version := self._transactions.add(product, product.created_at):
                self._publish(CatalogChanged(catalog_version=version))
                return product
            # Rows that were written past this class, as a seed's are, may have ids that the counter gives.
            self._transactions.skip_taken_ids()
            return None

        return self._until_uncontended(attempt)

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
            Contended, Unavailable: as for `add_product`; repeating it is safe.
        """

        def attempt() -> Product | None:
            edition = self._catalog.edition(product_id)
            before = edition.product
            changed = dataclasses.replace(
                before,
                title=before.title if title is None else title,
                description=before.description if description is None else description,
                price=before.price if price is None else price,
                category=self._category(category_id or before.category.id),
            )
            return changed if changed == before or self._replace(edition, changed) else None

        return self._until_uncontended(attempt)

    def retire_product(self, product_id: int) -> None:
        """Take a product out of the catalogue; its row stays, for the orders that name it.

        Raises:
            NotFound: there is no such product, or it is retired already.
            Contended, Unavailable: as for `add_product`; repeating it is safe.
        """

        def attempt() -> int | None:
            edition = self._catalog.edition(product_id)
            return self._transactions.retire(product_id, edition.version, self._clock())

        self._publish(CatalogChanged(catalog_version=self._until_uncontended(attempt)))

    def _replace(self, edition: Edition, changed: Product) -> bool:
        copies = changed.copy != edition.product.copy
        version = self._transactions.replace(changed, edition.version, self._clock(), copies=copies)
        if version:
            self._publish(CatalogChanged(catalog_version=version, product_id=changed.id if copies else None))
        return version is not None

    def _category(self, category_id: int) -> Category:
        try:
            return self._catalog.category(category_id)
        except NotFound as error:
            raise InvalidInput(str(error), {"category_id": [str(error)]}) from error

    def _until_uncontended(self, attempt: Callable[[], T | None]) -> T:
        """Repeat a change that met another one. One without an answer is not repeated: it may be done."""
        for _ in self._retry.attempts(DEADLINE_SECONDS):
            if (changed := attempt()) is not None:
                return changed
        raise Contended("Too many changes are made to the catalogue right now.")

    def _publish(self, message: CatalogChanged) -> None:
        try:
            self._publish_changed(message)
        except Unavailable as error:
            logger.warning("Version %d is published later: %s", message.catalog_version, error)
