"""What was sold according to the answers, to be compared with what is left according to the product."""

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

Place = tuple[int, int]


class SoldStock:
    """The units that confirmed orders took and cancelled ones gave back, by store and product.

    Args:
        seeded: how many there were at the beginning.
    """

    def __init__(self, seeded: Mapping[Place, int]) -> None:
        self._seeded = seeded
        self._sold: Counter[Place] = Counter()
        self._lock = threading.Lock()

    def confirmed(self, order: dict[str, Any]) -> None:
        """Note that an order was confirmed."""
        self._note(order, 1)

    def cancelled(self, order: dict[str, Any]) -> None:
        """Note that a confirmed order was cancelled."""
        self._note(order, -1)

    def violations(self, left: Mapping[Place, int]) -> list[str]:
        """Name every stock row where sold and left do not add up to what there was, or less than none is left."""
        wrong = []
        for place, quantity in self._seeded.items():
            there = left.get(place)
            if there is None or there < 0 or quantity - self._sold[place] != there:
                wrong.append(
                    f"product {place[1]} in store {place[0]}: "
                    f"{quantity} seeded, {self._sold[place]} sold, {there} left"
                )
        return wrong

    @property
    def units(self) -> int:
        """How many units were sold in all."""
        return sum(self._sold.values())

    def _note(self, order: dict[str, Any], sign: int) -> None:
        with self._lock:
            for line in order["items"]:
                self._sold[order["store"], line["product"]] += sign * line["quantity_requested"]
