"""Categories and products."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the shop."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ProductCopy:
    """What every stock row copies of its product, so that a listing or an order reads one row a product."""

    title: str
    price: Decimal
    category_name: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something that stores sell; its price is the same in every store."""

    id: int
    title: str
    description: str
    price: Decimal
    category: Category
    created_at: datetime

    @property
    def copy(self) -> ProductCopy:
        """What stock rows hold of it; an edit that changes this must reach them."""
        return ProductCopy(self.title, self.price, self.category.name)


@dataclass(frozen=True, slots=True)
class Edition:
    """A product as its last edit left it, and the version of the catalogue that this made; 0 without one."""

    product: Product
    version: int
