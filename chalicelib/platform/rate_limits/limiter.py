"""Rate limits: what one is, what is decided, and the limiter that needs nothing but this process."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

# At 32 bytes a request and 100 requests a caller, 32 MB if every caller exhausts the limit.
MAX_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How many requests a caller may make: never more than this in any window of that length.

    Args:
        name: what it limits, in printable ASCII without quotes; callers see it, and each name counts apart.
        max_requests: at least 1. For a limit that is off (0) the caller asks no limiter.
        window_seconds: the length of the window, from any moment on.
    """

    name: str
    max_requests: int
    window_seconds: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a limiter says of one request.

    Args:
        allowed: whether the request may go on.
        limit: the limit that decided.
        remaining: how many more requests would be allowed now.
        reset_seconds: how long no more than `remaining` requests will be allowed, which is until the oldest
            one that counts has left the window; rounded up, at least 1. It is the effective window `t` of
            draft-ietf-httpapi-ratelimit-headers-11, section 4.1.2: not the time to a full quota.
    """

    allowed: bool
    limit: Limit
    remaining: int
    reset_seconds: int

    @property
    def retry_after_seconds(self) -> int:
        """How long a refused caller should wait: until the next request is allowed, and at least 1."""
        return self.reset_seconds


class Limiter(Protocol):
    """Counts requests and says which are too many; refused ones do not count."""

    def hit(self, limit: Limit, caller: str) -> Decision:
        """Decide about one request of this caller, and count it if it is allowed."""


class InProcessLimiter:
    """A limiter that knows the requests of this process only: exact for one process, generous for several.

    Args:
        max_callers: how many callers are remembered; beyond them the one not seen for longest is forgotten.
        now: the time in seconds from any start, never going back.
    """

    def __init__(self, max_callers: int = MAX_CALLERS, now: Callable[[], float] = time.monotonic) -> None:
        self._max_callers = max_callers
        self._now = now
        self._lock = threading.Lock()
        # The times of the allowed requests, oldest first; of the callers, the one seen last stands last.
        self._times: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def hit(self, limit: Limit, caller: str) -> Decision:
        """Decide about one request of this caller, and count it if it is allowed."""
        with self._lock:
            now = self._now()
            times = self._times_of(limit.name, caller)
            while times and now - times[0] >= limit.window_seconds:
                times.popleft()
            allowed = len(times) < limit.max_requests
            if allowed:
                times.append(now)
            left_seconds = limit.window_seconds - (now - times[0])
            return Decision(allowed, limit, limit.max_requests - len(times), math.ceil(left_seconds))

    def _times_of(self, name: str, caller: str) -> deque[float]:
        times = self._times.setdefault((name, caller), deque())
        self._times.move_to_end((name, caller))
        if len(self._times) > self._max_callers:
            self._times.popitem(last=False)
        return times
