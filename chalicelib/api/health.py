"""The state of the dependencies."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

logger = logging.getLogger(__name__)

State = Literal["ok", "degraded"]


class Health:
    """Asks the dependencies for a sign of life.

    Args:
        probes: by name, a call with a short timeout of its own that raises when the dependency is not well.
    """

    def __init__(self, probes: Mapping[str, Callable[[], object]]) -> None:
        self._probes = probes

    def report(self) -> dict[str, State]:
        """Return the state of each dependency by its name; all are asked at once."""
        with ThreadPoolExecutor(len(self._probes)) as pool:
            return dict(zip(self._probes, pool.map(self._state, self._probes), strict=True))

    def _state(self, name: str) -> State:
        try:
            self._probes[name]()
        except Exception as error:
            logger.warning("Dependency %s is degraded: %s", name, error)
            return "degraded"
        return "ok"
