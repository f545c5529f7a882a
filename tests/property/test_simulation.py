"""Whatever meets whatever: many processes at once, with faults at any call and deaths between any two."""

import pytest

from tests.simulator.__main__ import ACTORS, world_of
from tests.simulator.actors import fill, simulate

OPERATIONS = 1500


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_and_nothing_doubled(seed: int):
    with world_of(seed).up() as world:
        fill(world.shop)
        assert simulate(world, ACTORS, OPERATIONS) == []
    assert world.crashes > 0
    assert sum(world.storm.injected.values()) > OPERATIONS // 20


def test_the_same_seed_is_the_same_world():
    seen = []
    for _ in range(2):
        with world_of(99).up() as world:
            fill(world.shop)
            simulate(world, ACTORS, 300)
        seen.append((world.cloud.calls, world.crashes, world.storm.injected, world.clock.now))
    assert seen[0] == seen[1]
