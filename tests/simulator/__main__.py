"""Simulate one world after the other, until there were so many operations: `python -m tests.simulator --help`.

In each, six customers, workers and editors use the whole product at once, on a cloud in memory in which calls
meet faults and processes die. The same seed is the same world, call by call. An operation is a request of a
customer, a message handled, or a tick of the schedule.
"""

import argparse
import contextlib
import io
import logging
import os
import sys
import time
from collections import Counter

os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

from tests.simulator.actors import fill, simulate
from tests.simulator.world import World

ACTORS = 6
OPERATIONS_A_WORLD = 3000
FAULT_RATE = 0.05
CRASH_RATE = 0.002
DUPLICATE_RATE = 0.05
PROGRESS_SECONDS = 30.0


def main() -> int:
    """Simulate; the exit status is 1 when a world was not as it should be."""
    options = _options()
    logging.disable(logging.CRITICAL)
    print(f"First seed {options.seed}", flush=True)
    total: Counter[str] = Counter()
    reported, seed = time.monotonic(), options.seed
    while total["operations"] < options.operations:
        wrong = _simulate(seed, total)
        for line in wrong:
            print(f"Seed {seed}: {line}", flush=True)
        total["violations"] += len(wrong)
        seed += 1
        if time.monotonic() - reported > PROGRESS_SECONDS:
            reported = time.monotonic()
            print(_summary(total), flush=True)
    print(_summary(total), flush=True)
    return 1 if total["violations"] else 0


def world_of(seed: int) -> World:
    """Make the world that a seed stands for."""
    return World(seed, fault_rate=FAULT_RATE, crash_rate=CRASH_RATE, duplicate=DUPLICATE_RATE, late=True)


def _simulate(seed: int, total: Counter[str]) -> list[str]:
    # The product's metrics are lines on standard output.
    with contextlib.redirect_stdout(io.StringIO()), world_of(seed).up() as world:
        fill(world.shop)
        wrong = simulate(world, ACTORS, OPERATIONS_A_WORLD)
    total.update(
        worlds=1,
        operations=world.operations,
        calls=world.cloud.calls,
        faults=sum(world.storm.injected.values()),
        deaths=world.crashes,
        duplicates=sum(queue.duplicated for queue in world.cloud.sqs.queues.values()),
        mails=len(world.cloud.mails),
    )
    return wrong


def _summary(total: Counter[str]) -> str:
    names = ("worlds", "operations", "calls", "faults", "deaths", "duplicates", "mails", "violations")
    return ", ".join(f"{total[name]} {name}" for name in names)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--operations", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, help="of the first world; the next has the next one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
