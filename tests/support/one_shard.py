"""Order ids that a test wants side by side."""

import itertools
import random


class OneShard(random.Random):
    """Gives all orders ids of the same shard of the due index, so that one page holds all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(16, 16)

    def getrandbits(self, bits: int) -> int:
        return next(self._numbers) % 2**bits
