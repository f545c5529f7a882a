"""Whatever happens to personal orders: each ends completed once or cancelled, never both, never stuck."""

import random
import secrets

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.errors import NotCancellable
from tests.simulator.faults import Crash, OneCall, died_after, died_before, events_of, meet
from tests.simulator.world import runtime_of
from tests.support.shop import START, Shop

USER = 7
TERMINAL = ("completed", "cancelled")
LEASE_SECONDS = 130

crashes = st.none() | st.tuples(st.integers(0, 30), st.sampled_from((died_before, died_after)))


class OrderProcessingMachine(RuleBasedStateMachine):
    """Creates, cancels, ticks and delivers in any order, with crashes at any call."""

    shop: Shop
    one_call: OneCall
    chance: random.Random

    @initialize()
    def begin(self) -> None:
        for row in self.shop.all_orders():
            row.delete()
        self.shop.handovers.messages.clear()
        self.shop.fulfilled.clear()
        self.shop.clock.now = START
        self.chance.seed(1)
        self.latest: dict[int, str] = {}
        self.ended: dict[int, str] = {}
        self.cancelled: set[int] = set()
        self.interrupted = 0

    def or_crash(self, crash, action):
        """Run the action; a process that dies on the way does no more of it."""
        if crash:
            self.one_call.aim(*crash)
        try:
            return action()
        except Crash:
            return None
        finally:
            self.one_call.aim(None)

    @rule(crash=crashes)
    def create(self, crash) -> None:
        self.or_crash(crash, lambda: self.shop.place_personal(USER))

    @precondition(lambda self: self.latest)
    @rule(data=st.data(), crash=crashes)
    def cancel(self, data, crash) -> None:
        order_id = data.draw(st.sampled_from(sorted(self.latest)))
        try:
            if self.or_crash(crash, lambda: self.shop.wiring.orders.cancellation.cancel(order_id, USER)):
                self.cancelled.add(order_id)
        except NotCancellable:
            assert self.latest[order_id] != "pending"

    @rule(crash=crashes)
    def tick(self, crash) -> None:
        self.or_crash(crash, self.shop.tick)

    @precondition(lambda self: self.shop.handovers.messages)
    @rule(data=st.data(), times=st.integers(1, 2), keep=st.booleans(), crash=crashes)
    def deliver(self, data, times: int, keep: bool, crash) -> None:
        """Deliver any message, early or late, once or twice; kept, it comes again later."""
        messages = self.shop.handovers.messages
        message = data.draw(st.sampled_from(messages))
        if not keep:
            messages.remove(message)
        if crash:
            self.interrupted += times
        for _ in range(times):
            self.or_crash(crash, lambda: self.shop.complete(message))

    @rule(seconds=st.sampled_from([1, 10, LEASE_SECONDS, 10_000]))
    def wait(self, seconds: int) -> None:
        self.shop.clock.advance(seconds)

    @invariant()
    def what_has_ended_stays_as_it_ended(self) -> None:
        """…and work is done for completed orders, never for cancelled ones."""
        orders = self.latest = self.orders()
        for order_id, status in self.ended.items():
            assert orders[order_id] == status
        self.ended |= {order_id: status for order_id, status in orders.items() if status in TERMINAL}
        assert all(orders[order_id] == "cancelled" for order_id in self.cancelled)
        fulfilled = self.shop.fulfilled
        assert len(fulfilled) - len(set(fulfilled)) <= self.interrupted, "only a crash repeats work"
        for order_id, status in orders.items():
            assert status != "completed" or order_id in self.shop.fulfilled
            assert status != "cancelled" or order_id not in self.shop.fulfilled

    def teardown(self) -> None:
        """Left to the schedule, everything that was ever begun comes to its end."""
        self.shop.tick()
        self.shop.clock.advance(LEASE_SECONDS)
        self.shop.tick()
        for message in self.shop.handovers.messages:
            self.shop.complete(message)
        assert set(self.orders().values()) <= set(TERMINAL)
        self.shop.clock.advance(10_000)
        assert self.shop.tick() == 0
        self.what_has_ended_stays_as_it_ended()

    def orders(self) -> dict[int, str]:
        return {int(row.id): row.status for row in self.shop.all_orders()}


class Chance(random.Random):
    """The same ids in every replay, but never the same write token: DynamoDB knows those of ten minutes."""

    def getrandbits(self, bits: int) -> int:
        return secrets.randbits(bits) if bits > 64 else super().getrandbits(bits)


@pytest.mark.timeout(300)
def test_every_order_ends_completed_once_or_cancelled(dynamodb_shop: Shop):
    # The same in every replay of an example: ids, and at which call a crash comes.
    chance = Chance()
    dynamodb_shop.rewire(runtime=runtime_of(dynamodb_shop.clock, chance))
    one_call = OneCall()
    meet(events_of(dynamodb_shop.wiring.platform.database), one_call)
    # The machine makes its instances itself, so what they share stands on the class.
    machine = type(
        "Machine",
        (OrderProcessingMachine,),
        {
            "shop": dynamodb_shop,
            "one_call": one_call,
            "chance": chance,
        },
    )
    case = machine.TestCase
    case.settings = settings(
        max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    case().runTest()
