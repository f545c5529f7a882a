"""The message that a change of the catalogue puts on a queue."""

from typing import Literal

import msgspec


class CatalogChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue has a new version, or search should show its stock anew.

    Args:
        catalog_version: the version that the change made; search should be no older.
        product_id: the product whose copies on stock rows should follow; None when none should.
        after_store_id: the copies of the stores up to this one have followed already.
        built_since: epoch seconds; search should not have been built before.
    """

    catalog_version: int
    product_id: int | None = None
    after_store_id: int = 0
    built_since: int = 0
    type: Literal["CatalogChanged"] = "CatalogChanged"
    version: Literal[1] = 1
