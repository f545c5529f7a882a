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
class Product:
    """Something that stores sell; its price is the same in every store."""

    id: int
    title: str
    description: str
    price: Decimal
    category: Category
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Edition:
    """A product as its last edit left it, and the version of the catalogue that this made; 0 without one."""

    product: Product
    version: int
