"""The limiter that all processes share: one call to Redis per request, and none while it is down."""

import math

from redis import Redis
from redis.exceptions import InvalidResponse, RedisError

from chalicelib.platform.circuit_breaker import PROBE_SECONDS, CircuitBreaker
from chalicelib.platform.rate_limits.limiter import Decision, Limit, Limiter
from chalicelib.platform.runtime import Runtime

# A key holds the times of the allowed requests in microseconds, the newest first. The clock is Redis's own,
# so that it does not matter how far those of the callers are apart.
SCRIPT = """
local key, limit, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- Only the newest can still matter, should the limit have been lowered since.
redis.call('LTRIM', key, 0, limit - 1)
local used = redis.call('LLEN', key)
local oldest = redis.call('LINDEX', key, -1)
while oldest and now - oldest >= window do
    redis.call('RPOP', key)
    used = used - 1
    oldest = redis.call('LINDEX', key, -1)
end

local allowed = used < limit
if allowed then
    redis.call('LPUSH', key, now)
    -- Keys expire by the millisecond, up to one too early; the second more keeps the window whole.
    redis.call('PEXPIRE', key, window / 1000 + 1000)
    used = used + 1
end
return {allowed and 1 or 0, limit - used, window - (now - (oldest or now))}
"""

_PROBE = Limit("probe", 1, 1)


class RedisLimiter:
    """A limiter that is exact over all processes while Redis is well.

    Redis is never on the path to an answer for long: when a call fails, another limiter takes over until
    Redis is back. That one starts from nothing, so an outage can allow a caller up to the limit once more.

    Args:
        client: from `redis_client`, with its short timeouts.
        fallback: decides while Redis is down.
        runtime: gives sleep and the background for the probe.
        probe_seconds: how often Redis is then asked whether it is back.
    """

    def __init__(
        self, client: Redis, fallback: Limiter, runtime: Runtime, probe_seconds: float = PROBE_SECONDS
    ) -> None:
        # Sent by its hash; redis-py sends the text when Redis does not know it, as after a restart.
        self._script = client.register_script(SCRIPT)
        self._fallback = fallback
        # The probe is a hit and not a PING: a replica or a full Redis answers PING but cannot count.
        self._breaker = CircuitBreaker(
            "Redis",
            "LimiterDegraded",
            failures=RedisError,
            probe=lambda: self._ask(_PROBE, ""),
            runtime=runtime,
            probe_seconds=probe_seconds,
        )

    def hit(self, limit: Limit, caller: str) -> Decision:
        """Decide about one request of this caller, and count it if it is allowed."""
        return self._breaker.call(
            lambda: self._ask(limit, caller),
            lambda: self._fallback.hit(limit, caller),
        )

    def _ask(self, limit: Limit, caller: str) -> Decision:
        answer = self._script(
            [f"ratelimit:{limit.name}:{caller}"],
            [limit.max_requests, limit.window_seconds * 1_000_000],
        )
        try:
            allowed, remaining, left_microseconds = map(int, answer)
        except (TypeError, ValueError) as error:
            # What listens there is not a Redis that runs our script, which counts as no Redis at all.
            raise InvalidResponse("The answer is not that of the script.") from error
        return Decision(bool(allowed), limit, remaining, math.ceil(left_microseconds / 1_000_000))
