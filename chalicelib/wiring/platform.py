"""What every feature builds on."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.api.health import Health
    from chalicelib.platform.dynamodb.database import Database
    from chalicelib.platform.queues.publisher import Publisher, QueuePublisher
    from chalicelib.platform.rate_limits.limiter import Limiter
    from chalicelib.platform.retry import Retry
    from chalicelib.wiring import Wiring

# Reading whole tables meets their limits; no client waits for it, so it may take long.
BULK_RETRY_SECONDS = 60.0


class PlatformWiring:
    """Builds the platform's services."""

    def __init__(self, wiring: "Wiring") -> None:
        self._wiring = wiring
        self._settings = wiring.settings
        self._runtime = wiring.runtime

    @cached_property
    def retry(self) -> "Retry":
        from chalicelib.platform.retry import Retry

        return Retry(self._runtime)

    @cached_property
    def database(self) -> "Database":
        if override := self._wiring.overrides.database:
            return override
        from chalicelib.platform.dynamodb.database import Database

        return Database(self._settings, self.retry)

    @cached_property
    def bulk_database(self) -> "Database":
        from chalicelib.platform.dynamodb.database import Database

        return Database(self._settings, self.retry, BULK_RETRY_SECONDS)

    @cached_property
    def limiter(self) -> "Limiter":
        if override := self._wiring.overrides.limiter:
            return override
        from chalicelib.platform.rate_limits.limiter import InProcessLimiter

        if not self._settings.redis_url:
            return InProcessLimiter()
        from chalicelib.platform.rate_limits.redis import RedisLimiter
        from chalicelib.platform.redis import redis_client

        return RedisLimiter(redis_client(self._settings.redis_url), InProcessLimiter(), self._runtime)

    @cached_property
    def confirmation_queue(self) -> "Publisher":
        if override := self._wiring.overrides.confirmation_queue:
            return override
        from chalicelib.platform.queues.publisher import OF_A_REQUEST, BreakingPublisher, QueuePublisher

        url = self._settings.confirmation_queue_url
        queue = QueuePublisher(self._settings, self._runtime, url, timeouts=OF_A_REQUEST)
        return BreakingPublisher(queue, self._runtime)

    def queue(self, url: str, delay_seconds: int = 0) -> "QueuePublisher":
        """Return what puts messages on a queue, for a function that no client waits for.

        Args:
            url: the queue's address.
            delay_seconds: how long a message stays hidden.
        """
        from chalicelib.platform.queues.publisher import QueuePublisher

        return QueuePublisher(self._settings, self._runtime, url, delay_seconds)

    @cached_property
    def health(self) -> "Health":
        from chalicelib.api.health import Health

        stores = self._wiring.inventory.stores
        probes: dict[str, Callable[[], object]] = {
            "database": lambda: stores.stores(after=None, limit=1),
            "queue": lambda: self.confirmation_queue.ping(),
        }
        if self._settings.redis_url:
            from chalicelib.platform.redis import redis_client

            probes["redis"] = redis_client(self._settings.redis_url).ping
        return Health(probes)
