"""Confirmations on their way: the queue, its functions, SES at its rate, and the scheduled function."""

import random
from dataclasses import dataclass, field

import simpy

from benchmarks.scaling.gates import Gate
from benchmarks.scaling.steps import Steps, waits
from chalicelib.notifications.confirmation import LEASE_SECONDS
from chalicelib.notifications.mailer import DEADLINE_SECONDS
from chalicelib.notifications.workers import MAX_CONCURRENCY

# One conditional write or read, and one e-mail handed to SES: assumptions.
CALL_SECONDS = 0.005
SES_SECONDS = 0.05
# Eight threads of the scheduled function, a conditional write each: `THREADS` of chalicelib/orders/sweeper.py.
SWEEPS_A_SECOND = 8 / CALL_SECONDS

# infra/stack/cloudformation: VisibilityTimeout, maxReceiveCount, ScheduleExpression and the function's Timeout.
VISIBILITY_SECONDS = 180.0
MAX_RECEIVES = 5
SCHEDULE_SECONDS = 120.0
SWEEP_SECONDS = 110.0
# CONFIRMATION_RETRY_SECONDS
RETRY_SECONDS = 120.0


@dataclass(slots=True)
class Confirmation:
    """The e-mail of one order."""

    placed_at: float
    due_at: float
    leased_until: float = 0.0


@dataclass(slots=True)
class MailOutcome:
    """What came of the e-mails."""

    seconds: float
    orders: int = 0
    messages: int = 0
    dead: int = 0
    ages: list[float] = field(default_factory=list)

    @property
    def sent_a_second(self) -> float:
        """E-mails sent for each second."""
        return len(self.ages) / self.seconds

    @property
    def last_age(self) -> float:
        """Seconds that the e-mails sent last were late."""
        return max(self.ages[-100:], default=0.0)


class MailPath:
    """One run; the same seed is the same run.

    Args:
        rate: orders a second.
        mails: e-mails that SES takes a second.
        seed: of chance.
        workers: functions that the queue is handled by at once.
    """

    def __init__(self, rate: float, mails: float, seed: int, workers: int = MAX_CONCURRENCY) -> None:
        self._rate = rate
        self._random = random.Random(seed)
        self._workers = workers
        self._world = simpy.Environment()
        self._queue = simpy.Store(self._world)
        self._ses = Gate(mails, max(1.0, mails))
        self._unsent: dict[int, Confirmation] = {}

    def run(self, seconds: float) -> MailOutcome:
        """Let orders be confirmed for so long."""
        self._outcome = MailOutcome(seconds)
        self._world.process(self._orders())
        self._world.process(self._schedule())
        for _ in range(self._workers):
            self._world.process(self._worker())
        self._world.run(until=seconds)
        return self._outcome

    def _orders(self) -> Steps[None]:
        while True:
            yield self._world.timeout(self._random.expovariate(self._rate))
            now = self._world.now
            self._unsent[self._outcome.orders] = Confirmation(now, now + RETRY_SECONDS)
            self._send_message(self._outcome.orders, 1)
            self._outcome.orders += 1

    def _send_message(self, order: int, receives: int) -> None:
        self._outcome.messages += receives == 1
        self._queue.put((order, receives))

    def _worker(self) -> Steps[None]:
        while True:
            order, receives = yield self._queue.get()
            if (yield from self._confirm(order)):
                continue
            if receives == MAX_RECEIVES:
                self._outcome.dead += 1
            else:
                self._world.process(self._again(order, receives + 1))

    def _again(self, order: int, receives: int) -> Steps[None]:
        yield self._world.timeout(VISIBILITY_SECONDS)
        self._send_message(order, receives)

    def _confirm(self, order: int) -> Steps[bool]:
        """Send the e-mail unless it is sent or being sent; False if SES did not take it in time."""
        yield self._world.timeout(CALL_SECONDS)
        mail = self._unsent.get(order)
        if mail is None or mail.leased_until > self._world.now:
            yield self._world.timeout(CALL_SECONDS)
            return True
        mail.leased_until = self._world.now + LEASE_SECONDS
        end = self._world.now + DEADLINE_SECONDS
        for wait in waits(self._random):
            yield self._world.timeout(max(0.0, min(wait, end - self._world.now)))
            if self._ses.has(1.0, self._world.now):
                break
            if self._world.now >= end:
                return False
        self._ses.take(1.0)
        yield self._world.timeout(SES_SECONDS + CALL_SECONDS)
        self._outcome.ages.append(self._world.now - mail.placed_at)
        self._unsent.pop(order, None)
        return True

    def _schedule(self) -> Steps[None]:
        """Queue again what is due, as often as the schedule runs."""
        while True:
            yield self._world.timeout(SCHEDULE_SECONDS)
            begin = self._world.now
            due = [order for order, mail in self._unsent.items() if mail.due_at <= begin]
            for order in due[: int(SWEEP_SECONDS * SWEEPS_A_SECOND)]:
                if (mail := self._unsent.get(order)) is not None:
                    mail.due_at = begin + RETRY_SECONDS
                    self._send_message(order, 1)
