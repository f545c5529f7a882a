"""Finding what search and copies have missed: a message that got lost, and stock that has changed."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.storage.pending_edits import RETRY_SECONDS, PendingEdits
from chalicelib.platform import metrics
from chalicelib.platform.clock import Clock

# Edits that are queued again in one run; the next goes on.
MAX_EDITS = 100

logger = logging.getLogger(__name__)


class Published(Protocol):
    """The search index that is served."""

    @property
    def read_at(self) -> datetime:
        """When reading the catalogue for it began."""

    def holds(self, version: int, built_since: int) -> bool:
        """Say whether it has this version of the catalogue and was built since then (epoch seconds)."""


class CatalogSweeper:
    """Queues what is missing; when nothing is, a run costs two reads of an item and an empty query.

    Args:
        version: reads the catalogue's version, consistently.
        published: returns the search index that is served; None if there is none yet.
        edits: the edits whose copies have not all followed.
        publish_changed: queues a message; may raise `Unavailable`.
        clock: the time.
        stock_refresh_seconds: how old what search knows of stock may get; 0 for any age.
    """

    def __init__(
        self,
        version: Callable[[], int],
        published: Callable[[], Published | None],
        edits: PendingEdits,
        publish_changed: Callable[[CatalogChanged], None],
        clock: Clock,
        stock_refresh_seconds: int,
    ) -> None:
        self._version = version
        self._published = published
        self._edits = edits
        self._publish_changed = publish_changed
        self._clock = clock
        self._stock_refresh_seconds = stock_refresh_seconds

    def run(self) -> int:
        """Queue what is missing; return how many messages that were.

        Raises:
            Unavailable: the database or the queue gave no answer; the next run tries again.
        """
        now = int(self._clock().timestamp())
        return self._catch_up(now) + self._queue_edits_again(now)

    def _catch_up(self, now: int) -> int:
        version = self._version()
        built_since = now - self._stock_refresh_seconds if self._stock_refresh_seconds else 0
        published = self._published()
        if published:
            metrics.measure("SearchSnapshotAge", now - int(published.read_at.timestamp()), "Seconds")
        # A catalogue that nothing was ever written to has no version, and nothing to publish.
        if not version or (published and published.holds(version, built_since)):
            return 0
        logger.info("Queueing a snapshot of version %d", version)
        self._publish_changed(CatalogChanged(catalog_version=version, built_since=built_since))
        return 1

    def _queue_edits_again(self, now: int) -> int:
        queued = 0
        for edit in self._edits.due(now, MAX_EDITS):
            # Postponed first: if two runs overlap, only one of them queues the message.
            if self._edits.postpone(edit, now + RETRY_SECONDS):
                logger.info("Queueing the copies of product #%d again", edit.product_id)
                self._publish_changed(
                    CatalogChanged(catalog_version=edit.version, product_id=edit.product_id)
                )
                queued += 1
        return queued
