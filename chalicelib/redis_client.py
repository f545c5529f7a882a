"""The one place that makes Redis clients: never on the path to an answer for long."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 0.05


def redis_client(url: str) -> Redis:
    """Make a client that gives up after 50 ms and never retries (redis-py retries ten times unless told)."""
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
