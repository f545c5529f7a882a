"""Threads that take turns: only one runs at a time, and which one is next is chosen at every call it makes.

So threads meet each other in every order that calls can have, and in the same one with the same seed.
"""

import random
import threading
from collections.abc import Callable, Sequence

JOIN_SECONDS = 600.0


class Turns:
    """Runs tasks by turns.

    Args:
        chance: chooses who is next.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._signals: dict[int, threading.Semaphore] = {}
        self._failures: list[BaseException] = []
        self.current: int | None = None

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run the tasks to their ends; the first failure of any is raised."""
        self._signals = {number: threading.Semaphore(0) for number in range(len(tasks))}
        threads = [
            threading.Thread(target=self._run, args=(number, task)) for number, task in enumerate(tasks)
        ]
        for thread in threads:
            thread.start()
        self._pass_on()
        for thread in threads:
            thread.join(JOIN_SECONDS)
        self.current = None
        if self._failures:
            raise self._failures[0]

    def pause(self) -> None:
        """Give the turn to a thread chosen by chance, perhaps the same; called by the one whose turn it is."""
        mine = self.current
        if mine is None:
            return
        signal = self._signals[mine]
        self._pass_on()
        signal.acquire()

    def _run(self, number: int, task: Callable[[], None]) -> None:
        self._signals[number].acquire()
        try:
            task()
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            del self._signals[number]
            if self._signals:
                self._pass_on()

    def _pass_on(self) -> None:
        self.current = following = self._chance.choice(list(self._signals))
        self._signals[following].release()
