"""Requests and answers of the catalogue's routes (contract, "Catalogue reads")."""

from datetime import datetime
from decimal import Decimal

import msgspec

from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery
from chalicelib.catalog.model import Category, Product


class ProductsQuery(PageQuery, frozen=True):
    """A page of the products, of all categories or of one."""

    category: Id | None = None


class CategoryPayload(msgspec.Struct, frozen=True):
    """A category, by itself or in its product."""

    id: int
    name: str

    @classmethod
    def of(cls, category: Category) -> "CategoryPayload":
        """Show a category."""
        return cls(category.id, category.name)


class ProductPayload(msgspec.Struct, frozen=True):
    """A product; `price` is the same in every store."""

    id: int
    title: str
    description: str
    price: Decimal
    category: CategoryPayload
    created_at: datetime

    @classmethod
    def of(cls, product: Product) -> "ProductPayload":
        """Show a product with its category."""
        return cls(
            id=product.id,
            title=product.title,
            description=product.description,
            price=product.price,
            category=CategoryPayload.of(product.category),
            created_at=product.created_at,
        )
