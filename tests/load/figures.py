"""What a run is judged by: times and statuses of requests, and how much the process holds."""

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

NO_ANSWER = 0
# Below this a run is over before caches and pools are full, and growth says nothing.
GROWTH_SECONDS = 30
# The last third of a run may hold so much more than the one before it, which an allocator needs to breathe.
MAX_GROWTH_MEGABYTES = 5.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at one moment."""

    megabytes: float
    files: int


class Requests:
    """Every request of a run, by kind; customers in many threads add to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.unexpected: Counter[str] = Counter()

    def add(self, kind: str, status: int, seconds: float, expected: Iterable[int], what: str) -> None:
        """Note a request and its status; an unexpected one is noted with what it was."""
        with self._lock:
            self._seconds[kind].append(seconds)
            self._statuses[kind][status] += 1
            if status not in expected:
                self.unexpected[f"{status or 'no answer'}: {what}"] += 1

    @property
    def count(self) -> int:
        """How many there were."""
        with self._lock:
            return sum(len(times) for times in self._seconds.values())

    def rows(self) -> list[tuple[str, ...]]:
        """Return a row for each kind: its name, how many, p50, p95 and p99 in milliseconds, statuses."""
        with self._lock:
            return [
                (
                    kind,
                    f"{len(times):,}",
                    *(f"{percentile(times, share) * 1000:.1f}" for share in (0.50, 0.95, 0.99)),
                    "  ".join(
                        f"{status}: {count:,}" for status, count in sorted(self._statuses[kind].items())
                    ),
                )
                for kind, times in sorted(self._seconds.items())
            ]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of the values that this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def growth(samples: Sequence[Sample], clients: int) -> list[str]:
    """Say what grew from the second third of a run to its last one; nothing if all is well.

    The first third fills caches and most of the pools. A pool of connections grows once more whenever more
    requests than ever before need one at the same moment, so there may be one more file a client; a leak
    has no such end. Medians, because a single sample may fall on a request that holds much for a moment;
    what leaks with every request shows in all samples of a third.

    Args:
        samples: taken at equal distances over the whole run.
        clients: how many requests there were at the same moment.
    """
    third = len(samples) // 3
    before, after = samples[third : 2 * third], samples[-third:]
    megabytes = median(sample.megabytes for sample in after) - median(sample.megabytes for sample in before)
    files = median(sample.files for sample in after) - median(sample.files for sample in before)
    grown = []
    if megabytes > MAX_GROWTH_MEGABYTES:
        grown.append(f"memory grew by {megabytes:.1f} MB from the second third of the run to the last")
    if files > clients:
        grown.append(f"open files grew by {files:g} from the second third of the run to the last")
    return grown
