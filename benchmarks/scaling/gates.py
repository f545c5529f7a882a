"""Limits of so many units a second, and which of them were met."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Key = tuple[str, int]


@dataclass(slots=True)
class Gate:
    """A token bucket: so many units a second, and at the most `burst` of them at once.

    Args:
        rate: units a second.
        burst: units that are kept when they are not used.
        left: units that there are in the beginning.

    DynamoDB lets a partition use up to five minutes of what it left unused. That only puts a limit off, so it
    is left out: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
    """

    rate: float
    burst: float
    left: float = 0.0
    _at: float = field(init=False, default=0.0)

    def has(self, units: float, now: float) -> bool:
        """Say whether so many units are left."""
        self.left = min(self.burst, self.left + (now - self._at) * self.rate)
        self._at = now
        return self.left >= units

    def take(self, units: float) -> None:
        """Use units; `has` was asked before."""
        self.left -= units


class Gates:
    """All limits of one kind of world; each has a name, and a number where there are several of it.

    Args:
        rates: units a second, by name.
        bursts: units at once, where that is not one second's worth; there are as many in the beginning.
    """

    def __init__(self, rates: Mapping[str, float], bursts: Mapping[str, float] | None = None) -> None:
        self.refusals: Counter[str] = Counter()
        self._rates = rates
        self._bursts = bursts or {}
        self._gates: dict[Key, Gate] = {}

    def take(self, wanted: Mapping[Key, float], now: float) -> bool:
        """Use all these units or none, and count by name what there was too little of."""
        short = {key[0] for key, units in wanted.items() if not self._gate(key).has(units, now)}
        self.refusals.update(short)
        if not short:
            for key, units in wanted.items():
                self._gates[key].take(units)
        return not short

    def _gate(self, key: Key) -> Gate:
        if (gate := self._gates.get(key)) is None:
            rate = self._rates[key[0]]
            burst = self._bursts.get(key[0])
            gate = self._gates[key] = Gate(rate, rate, 0.0) if burst is None else Gate(rate, burst, burst)
        return gate
