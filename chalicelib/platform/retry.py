"""Retries: full jitter between the attempts, and a deadline over all of them."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from chalicelib.errors import StockroomError, Unavailable
from chalicelib.platform.runtime import Runtime

BASE_SECONDS = 0.01
CAP_SECONDS = 0.4

T = TypeVar("T")


class Retry:
    """Repeats what may go better the next time.

    Args:
        runtime: gives time, sleep and jitter.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def until(
        self,
        deadline_seconds: float,
        attempt: Callable[[], T | None],
        failure: StockroomError | None = None,
    ) -> T:
        """Return the first answer of `attempt` that is not None.

        An attempt that raises a transient error counts as one without an answer; so attempts must do no harm
        when an earlier one was carried out and only its answer got lost.

        Args:
            deadline_seconds: no attempt begins later; with 0 there is one attempt.
            attempt: called until it has an answer.
            failure: raised when there was no answer and no transient error either.

        Raises:
            StockroomError: the last transient error, or `failure`.
        """
        for _ in self.attempts(deadline_seconds):
            try:
                answer = attempt()
            except StockroomError as error:
                if not error.is_transient:
                    raise
                failure = error
            else:
                if answer is not None:
                    return answer
        raise failure or Unavailable("There was no answer.")

    def attempts(self, deadline_seconds: float) -> Iterator[int]:
        """Yield the number of each attempt until the deadline has passed, and sleep in between.

        The first attempt is always made. The wait before attempt n is random between 0 and
        min(CAP, BASE * 2^n) seconds: the "full jitter" of
        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. No wait goes past the
        deadline.
        """
        end = self._runtime.monotonic() + deadline_seconds
        attempt = 0
        while True:
            yield attempt
            left = end - self._runtime.monotonic()
            if left <= 0:
                return
            attempt += 1
            # 2^6 already exceeds the cap, and an exponent without a limit would overflow in a long wait.
            wait = self._runtime.random.uniform(0, min(CAP_SECONDS, BASE_SECONDS * 2 ** min(attempt, 6)))
            self._runtime.sleep(min(wait, left))
