"""Types by which rows are read straight from an answer's bytes, for reads of many rows.

A struct of a table names the attributes that it reads, each with one of the types below; a test compares it
with the table's model. A listing of 320 rows takes the function 2 ms in this way; botocore's parser took 10
and PynamoDB's models 9 before (docs/decisions/0018).
"""

from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

Item = TypeVar("Item", bound=Struct)

# A key as it goes over the wire.
Key = dict[str, dict[str, Any]]


class Text(Struct, frozen=True, gc=False):
    """A string."""

    S: str


class Whole(Struct, frozen=True, gc=False):
    """A whole number."""

    N: int


class Amount(Struct, frozen=True, gc=False):
    """A number with decimals, exact."""

    N: Decimal


class Page(Struct, Generic[Item], gc=False):
    """The answer of a Query."""

    Items: list[Item]
    LastEvaluatedKey: Key | None = None


class Batch(Struct, Generic[Item]):
    """The answer of a BatchGetItem."""

    Responses: dict[str, list[Item]]
    UnprocessedKeys: dict[str, Any] = {}


def page_of(item: type[Item]) -> msgspec.json.Decoder[Page[Item]]:
    """Return what reads a Query's answer; numbers come as strings, hence not strict."""
    return msgspec.json.Decoder(Page[item], strict=False)  # type: ignore[valid-type]


def batch_of(item: type[Item]) -> msgspec.json.Decoder[Batch[Item]]:
    """Return what reads a BatchGetItem's answer."""
    return msgspec.json.Decoder(Batch[item], strict=False)  # type: ignore[valid-type]
