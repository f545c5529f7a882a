"""The benchmark `benchmarks/contention.py` as a simulation: what it measured is what this must say.

Its customers are threads of one process, and take turns at the interpreter. Three numbers are not known from
elsewhere: the CPU time of a try before it is in flight, while it is, and of reading a cancellation. They were
fitted to the figures of one row alone; two rows and more are predictions.
"""

import random
import statistics
from collections import Counter
from dataclasses import dataclass, field

import simpy

from benchmarks.scaling.steps import Steps, waits

# Fitted to one row; see above.
IN_FLIGHT_SECONDS = 0.059
CPU_SECONDS = 0.0017

# `--threads` and `--seconds` of the benchmark.
CUSTOMERS = 64
SECONDS = 10.0

# ORDER_DEADLINE_SECONDS
DEADLINE_SECONDS = 3.0


@dataclass(slots=True)
class Round:
    """What came of one round."""

    seconds: float = 0.0
    tries: int = 0
    conflicts: int = 0
    times: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def accepted_a_second(self) -> float:
        """Accepted orders for each second."""
        return self.answers["201"] / self.seconds

    @property
    def refused(self) -> float:
        """The part of all customers that heard 503."""
        return self.answers["503"] / self.answers.total()

    @property
    def cancelled(self) -> float:
        """The part of all transactions that met another one."""
        return self.conflicts / self.tries

    @property
    def median_seconds(self) -> float:
        """How long half of the customers waited at the most."""
        return statistics.median(self.times)


class Contention:
    """One round of the benchmark: customers order one product, whose stock lies in so many rows."""

    def __init__(self, rows: int, seed: int) -> None:
        self._rows = rows
        self._random = random.Random(seed)
        self._world = simpy.Environment()
        self._interpreter = simpy.Resource(self._world)
        self._in_flight: set[int] = set()
        self._round = Round()

    def run(self) -> Round:
        """Let all customers order until the time is over and the last one is answered."""
        for _ in range(CUSTOMERS):
            self._world.process(self._customer())
        self._world.run()
        self._round.seconds = self._world.now
        return self._round

    def _customer(self) -> Steps[None]:
        while (asked := self._world.now) < SECONDS:
            answer = "503"
            for wait in waits(self._random):
                yield self._world.timeout(min(wait, asked + DEADLINE_SECONDS - self._world.now))
                is_done = yield self._world.process(self._try())
                if is_done:
                    answer = "201"
                    break
                if self._world.now >= asked + DEADLINE_SECONDS:
                    break
            self._round.answers[answer] += 1
            self._round.times.append(self._world.now - asked)

    def _try(self) -> Steps[bool]:
        row = self._random.randrange(self._rows)
        with self._interpreter.request() as turn:
            yield turn
            yield self._world.timeout(CPU_SECONDS)
        self._round.tries += 1
        if row in self._in_flight:
            self._round.conflicts += 1
            return False
        self._in_flight.add(row)
        yield self._world.timeout(IN_FLIGHT_SECONDS)
        self._in_flight.discard(row)
        return True
