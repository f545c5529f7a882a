"""What a process takes from its machine: time, randomness and threads. Tests pass their own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random, SystemRandom

from chalicelib.platform.clock import Clock, utc_now

# Bits of a write token: two requests never draw the same one.
_TOKEN_BITS = 72


def start_thread(target: Callable[[], None], name: str) -> None:
    """Run a function in a daemon thread, which does not keep the process alive."""
    threading.Thread(target=target, name=name, daemon=True).start()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Everything that differs from one run of the same requests to the next.

    Args:
        clock: the time of day, in UTC.
        monotonic: seconds of a clock that never goes back.
        sleep: waits for so many seconds.
        random: ids, write tokens and jitter come from it.
        pool: makes an executor with at most so many threads.
        background: runs a function, which is named for debuggers, beside the caller.
    """

    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Random = field(default_factory=SystemRandom)
    pool: Callable[[int], Executor] = ThreadPoolExecutor
    background: Callable[[Callable[[], None], str], None] = start_thread

    def write_token(self) -> str:
        """Return a random token by which a request recognises what it has written."""
        return f"{self.random.getrandbits(_TOKEN_BITS):018x}"
