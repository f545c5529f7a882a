"""Measuring a call: CPU of this process, and what left it."""

import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.routes.counting import Traffic, traffic
from benchmarks.routes.relay import Exchange, Mode, Relay
from benchmarks.routes.rows import Call, Row, WrongAnswer


def observe(row: Row, relay: Relay) -> tuple[list[Exchange], Traffic]:
    """Call it twice, recorded; return what was exchanged, and what there is to say of it.

    It is called once before, so that clients are made and what may be remembered is.

    Raises:
        WrongAnswer: it did not answer as it should.
    """
    calls = [row.prepare()]
    _called(row, calls)
    found = []
    modes: tuple[Mode, Mode] = ("record", "units")
    for mode in modes:
        calls = [row.prepare()]
        relay.switch(mode)
        _called(row, calls)
        found.append(relay.switch("pass"))
    plain, with_units = found
    return plain, traffic(plain, with_units)


def cpu(row: Row) -> float:
    """Return the milliseconds of CPU that a call takes, all threads together; the mean of one round's calls."""
    return _called(row, [row.prepare() for _ in range(row.calls)])


def cpu_of(floor: Callable[[], None], calls: int) -> float:
    """Return the same of a floor."""
    begin = time.process_time()
    for _ in range(calls):
        floor()
    return (time.process_time() - begin) * 1e3 / calls


def _called(row: Row, calls: Sequence[Call]) -> float:
    begin = time.process_time()
    answers = [call() for call in calls]
    milliseconds = (time.process_time() - begin) * 1e3 / len(calls)
    for answer in answers:
        if not row.right(answer):
            raise WrongAnswer(f"{row.name}: {answer}")
    return milliseconds


def median(values: Sequence[float]) -> float:
    """Return the median, rounded as it is printed."""
    return round(statistics.median(values), 3)


def ratio(values: Sequence[float], others: Sequence[float]) -> float | None:
    """Return the median of the rounds' ratios; None where the others cost nothing."""
    if not all(others):
        return None
    return round(statistics.median(a / b for a, b in zip(values, others, strict=True)), 2)
