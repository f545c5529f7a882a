"""A circuit breaker: while a dependency is down, no caller waits for it."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from chalicelib.platform import metrics
from chalicelib.platform.runtime import Runtime

PROBE_SECONDS = 1.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class CircuitBreaker:
    """Calls a dependency until a call fails, and then no more until a probe succeeds.

    The probe runs in the background as long as the outage lasts, so no caller waits for it. Each outage logs
    one warning and counts once in the metric, however many calls were under way when it began.

    Args:
        name: what the log calls the dependency.
        metric: counts the outages.
        failures: the exceptions that mean it is down; others pass through.
        probe: a call with a short timeout of its own that raises while the dependency is down.
        runtime: gives sleep and the background.
        probe_seconds: the pause before each probe.
    """

    def __init__(
        self,
        name: str,
        metric: str,
        *,
        failures: type[Exception] | tuple[type[Exception], ...],
        probe: Callable[[], object],
        runtime: Runtime,
        probe_seconds: float = PROBE_SECONDS,
    ) -> None:
        self._name = name
        self._metric = metric
        self._failures = failures
        self._probe = probe
        self._runtime = runtime
        self._probe_seconds = probe_seconds
        self._lock = threading.Lock()
        # Stands for the time since the dependency last came back; None while it is down.
        self._period: object | None = object()

    def call(self, ask: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Return what `ask` returns, or what `otherwise` returns if the dependency is down."""
        period = self._period
        if period is None:
            return otherwise()
        try:
            return ask()
        except self._failures as failure:
            self._open(period, failure)
        return otherwise()

    def _open(self, period: object, failure: Exception) -> None:
        with self._lock:
            # A call that began before an outage and failed late says nothing about the time after it.
            if self._period is not period:
                return
            self._period = None
        logger.warning("%s is down, going on without it: %s", self._name, failure)
        metrics.count(self._metric)
        self._runtime.background(self._close_when_back, f"probe of {self._name}")

    def _close_when_back(self) -> None:
        while True:
            self._runtime.sleep(self._probe_seconds)
            # Whatever a probe raises, probing must go on, or the breaker would stay open for good.
            with contextlib.suppress(Exception):
                self._probe()
                break
        self._period = object()
        logger.info("%s is back", self._name)
