"""The one place that makes Redis clients: never on the path to an answer for long."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 0.05

# Beyond these a call fails at once instead of waiting; one process seldom has two requests under way.
MAX_CONNECTIONS = 64


def redis_client(url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Redis:
    """Make a client that gives up after 50 ms and never retries (redis-py retries ten times unless told).

    Connecting and asking may each take that long, and so might every round trip between them; therefore
    there is none, where redis-py would make four (HELLO, MAINT_NOTIFICATIONS, SETINFO twice). So a Redis
    that takes connections and never answers costs 50 ms, too. A password in the URL adds a round trip, and
    so does a database other than 0. Looking up the host's name is not bounded by these timeouts.

    Args:
        url: `redis://` or `rediss://`, host, port and database.
        timeout_seconds: how long Redis may take to accept a connection, and how long to answer.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        max_connections=MAX_CONNECTIONS,
        protocol=2,
        driver_info=None,
    )
