"""Asking each dependency for a sign of life."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)


class Health:
    """The state of the dependencies.

    Args:
        probes: by name, a call with a short timeout of its own that raises when the dependency is not well.
    """

    def __init__(self, probes: Mapping[str, Callable[[], object]]) -> None:
        self._probes = probes

    def report(self) -> dict[str, str]:
        """Return `ok` or `degraded` for each dependency, all asked at once."""
        with ThreadPoolExecutor(len(self._probes)) as pool:
            return dict(zip(self._probes, pool.map(self._state, self._probes), strict=True))

    def _state(self, name: str) -> str:
        try:
            self._probes[name]()
        except Exception as error:
            logger.warning("Dependency %s is degraded: %s", name, error)
            return "degraded"
        return "ok"
