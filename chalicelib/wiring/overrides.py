"""What tests and operators' tools put in place of what the wiring would build."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.catalog.propagation.messages import CatalogChanged
    from chalicelib.notifications.mailer import Mailer
    from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
    from chalicelib.orders.model import PersonalOrder
    from chalicelib.platform.dynamodb.database import Database
    from chalicelib.platform.queues.publisher import Publisher
    from chalicelib.platform.rate_limits.limiter import Limiter
    from chalicelib.search.product_search import ProductSearch
    from chalicelib.search.snapshots.bucket import SnapshotBucket
    from chalicelib.search.snapshots.live import LiveIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """Each field is used instead of what the wiring would build, unless it is None.

    Args:
        page_size: how many rows the scheduled and queue functions read at a time.
    """

    database: "Database | None" = None
    page_size: int | None = None
    limiter: "Limiter | None" = None
    mailer: "Mailer | None" = None
    fulfil: "Callable[[PersonalOrder], None] | None" = None
    confirmation_queue: "Publisher | None" = None
    publish_confirmed: "Callable[[Sequence[OrderConfirmed]], None] | None" = None
    publish_claimed: "Callable[[Sequence[OrderClaimed]], None] | None" = None
    publish_changed: "Callable[[CatalogChanged], None] | None" = None
    snapshot_bucket: "SnapshotBucket | None" = None
    live_index: "LiveIndex | None" = None
    product_search: "ProductSearch | None" = None
