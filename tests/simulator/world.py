"""The whole product on a cloud in memory: processes that may die at any call, with a clock of its own.

Nothing of the product is replaced but time, randomness, and what `fulfil` does. Its publishers, its mailer, its
bucket and its database are the real ones; what they say is met by a storm, and answered by the cloud.
"""

import contextlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from typing import Any, TypeVar

from botocore.awsrequest import AWSResponse
from chalice.local import LambdaContext

from chalicelib.catalog.propagation.workers import refresh_search, watch_catalog
from chalicelib.notifications.workers import send_confirmation
from chalicelib.orders.workers import complete_orders, process_pending_orders
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring, rewire
from chalicelib.wiring.overrides import Overrides
from infra.local import pump
from tests.simulator.faults import Call, Crash, OneCall, died_after, died_before
from tests.simulator.memory.cloud import BUCKET, ENDPOINT, MemoryCloud
from tests.simulator.memory.statements import marked_as_sent
from tests.simulator.storm import Storm
from tests.simulator.turns import Turns
from tests.support.settings import settings_of
from tests.support.shop import FixedClock, Shop

STAGE = "world"
CONFIRMATIONS = f"{ENDPOINT}/order-confirmations"
FULFILMENTS = f"{ENDPOINT}/order-fulfilment"
CHANGES = f"{ENDPOINT}/catalog-changes"
SCHEDULED = (process_pending_orders, watch_catalog)

# No function of ours runs longer: Lambda ends it.
FUNCTION_SECONDS = 30
# What a call to the database takes at the most.
STALL_SECONDS = 2.5
# SQS gives a message up after so many tries.
MAX_RECEIVED = 5
# Longer than any lease, hidden message and pause of the schedule.
LONG_SECONDS = 400.0
MAX_ROUNDS = 100

T = TypeVar("T")


class InlineExecutor(Executor):
    """Runs each call at once, so that calls come one after the other and in the same order in every run."""

    def submit(self, call: Callable[..., T], /, *arguments: Any, **named: Any) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(call(*arguments, **named))
        return future


def runtime_of(clock: FixedClock, chance: random.Random) -> Runtime:
    """Make a runtime in which time passes only when the product sleeps, and nothing happens by itself."""
    return Runtime(
        clock=clock,
        monotonic=lambda: clock.now.timestamp(),
        sleep=clock.advance,
        random=chance,
        pool=lambda _: InlineExecutor(),
        background=lambda target, _: target(),
    )


class Process:
    """One process of the product, with caches and connections of its own, until it dies.

    `unmarked` are the orders whose e-mails it has sent and not marked yet. Calls that it makes while it does
    not run a function are the test's own, which nothing happens to.
    """

    def __init__(self, world: "World") -> None:
        overrides = Overrides(fulfil=lambda order: world.fulfilled.update([order.id]))
        self.wiring = Wiring(world.settings, world.runtime, overrides)
        self.ends_at = 0.0
        self.is_running = False
        self.is_dead = False
        self.unmarked: set[int] = set()


class World:
    """One stage and all that goes on in it.

    Args:
        seed: chooses everything that is left to chance.
        fault_rate: the share of calls that meet a fault.
        crash_rate: the share of calls at which a process dies, before or right after they are carried out.
        duplicate: how likely a message that is sent is there twice.
        late: whether global indexes follow their tables late.
    """

    def __init__(
        self,
        seed: int,
        *,
        fault_rate: float = 0.0,
        crash_rate: float = 0.0,
        duplicate: float = 0.0,
        late: bool = False,
    ) -> None:
        self.seed = seed
        self.chance = random.Random(seed)
        self.clock = FixedClock()
        self.runtime = runtime_of(self.clock, self.chance)
        self.settings = settings_of(
            STAGE,
            aws_endpoint_url=ENDPOINT,
            confirmation_queue_url=CONFIRMATIONS,
            fulfilment_queue_url=FULFILMENTS,
            catalog_queue_url=CHANGES,
            snapshot_bucket=BUCKET,
            # Otherwise time alone would make the index be built again for ever.
            search_stock_refresh_seconds=0,
            mail_sender="orders@stockroom.example",
            mail_inbox="inbox@stockroom.example",
        )
        self._functions = queue_functions(self.settings)
        self.cloud = MemoryCloud(STAGE, self.clock, self.chance, late=late, duplicate=duplicate)
        self.storm = Storm(self.chance, fault_rate, self.clock.advance)
        self.one_call = OneCall()
        self.crash_rate = crash_rate
        self.turns = Turns(self.chance)
        self.fulfilled: Counter[int] = Counter()
        # E-mails that are allowed to be sent once more, because the product could not know that they were sent.
        self.excused: Counter[int] = Counter()
        self.operations = 0
        self.crashes = 0
        self._processes: dict[int | None, Process] = {}
        self.cloud.faults.append(self._meet)

    @contextlib.contextmanager
    def up(self) -> Iterator["World"]:
        """Put the cloud in place of every other."""
        with self.cloud.up():
            self.shop = Shop(self.settings, self.runtime)
            try:
                yield self
            finally:
                rewire(None)

    @property
    def process(self) -> Process:
        """The process of the actor whose turn it is; a new one if the last one died."""
        process = self._processes.get(self.turns.current)
        if process is None or process.is_dead:
            process = self._processes[self.turns.current] = Process(self)
        return process

    def run(self, action: Callable[[Wiring], T]) -> T:
        """Run one function of the product in the present process.

        Raises:
            Crash: the process died.
        """
        process = self.process
        process.ends_at = self.clock.now.timestamp() + FUNCTION_SECONDS
        process.is_running = True
        self.operations += 1
        rewire(process.wiring)
        try:
            return action(process.wiring)
        except Crash:
            self.crashes += 1
            self.excused.update(process.unmarked)
            raise
        finally:
            process.is_running = False

    def tick(self) -> None:
        """Let the schedule start its two functions, as it does every two minutes."""
        for function in SCHEDULED:
            with contextlib.suppress(Exception):
                self.run(lambda _, function=function: function(pump.schedule_event(), context()))

    def deliver(self, url: str, limit: int = 10) -> int:
        """Deliver a batch of messages of a queue to its function, and delete those that succeeded."""
        queue, function = self.cloud.sqs.queue(url), self._functions[url]
        messages = queue.receive(limit, self.clock.now.timestamp())
        for message in messages:
            if message.received > MAX_RECEIVED:
                queue.delete(message.id)
        messages = [message for message in messages if message.received <= MAX_RECEIVED]
        if not messages:
            return 0
        event = pump.sqs_event(
            [
                {"MessageId": message.id, "ReceiptHandle": message.id, "Body": message.body}
                for message in messages
            ]
        )
        self.operations += len(messages) - 1
        answer = self.run(lambda _: function(event, context()))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in messages:
            if message.id not in failed:
                queue.delete(message.id)
        return len(messages)

    def settle(self) -> None:
        """Let the storm pass and the schedule run until there is nothing left to do."""
        self.storm.rate = self.crash_rate = 0.0
        quiet = 0
        for _ in range(MAX_ROUNDS):
            if quiet == 2:
                break
            self.clock.advance(LONG_SECONDS)
            self.cloud.dynamodb.settle()
            self.tick()
            delivered = 0
            for url in self._functions:
                self.clock.advance(30)
                while count := self.deliver(url):
                    delivered += count
            quiet = 0 if delivered else quiet + 1
        else:
            raise AssertionError("the world does not come to rest")
        self.cloud.dynamodb.settle()

    def mails(self) -> Counter[int]:
        """Return how many e-mails were sent, by order."""
        return Counter(order_of(subject) for subject in self.cloud.mails)

    def allowed_mails(self) -> Counter[int]:
        """Return how many e-mails there may be of an order, beyond the first."""
        lost = self.storm.lost_mails
        return self.excused + Counter(map(order_of, lost))

    def _meet(self, call: Call) -> AWSResponse | None:
        process = self._processes.get(self.turns.current)
        if process is None or not process.is_running:
            return None
        call = replace(call, send=self._carry_out)
        before = self.clock.now.timestamp()
        self.turns.pause()
        # One that stalls for longer than any call may take is, to the others, as good as dead.
        if self.clock.now.timestamp() - before > STALL_SECONDS:
            self.excused.update(process.unmarked)
        is_over = process.is_dead or self.clock.now.timestamp() > process.ends_at
        rewire(process.wiring)
        try:
            return died_before(call) if is_over else self._fault(call) or call.carry_out()
        except Crash:
            process.is_dead = True
            raise

    def _fault(self, call: Call) -> AWSResponse | None:
        if self.crash_rate and self.chance.random() < self.crash_rate:
            return (died_after if self.chance.random() < 0.5 else died_before)(call)
        return self.one_call(call) or self.storm(call)

    def _carry_out(self, call: Call) -> AWSResponse:
        answer, process = self.cloud.carry_out(call), self.process
        if call.operation == "SendEmail":
            process.unmarked.add(order_of(self.cloud.mails[-1]))
        elif call.operation == "BatchExecuteStatement" and answer.status_code == 200:
            process.unmarked -= marked_as_sent(call.body)
        return answer


def queue_functions(settings: Settings) -> dict[str, Any]:
    """Return the function of each queue, by the queue's URL."""
    return {
        settings.confirmation_queue_url: send_confirmation,
        settings.fulfilment_queue_url: complete_orders,
        settings.catalog_queue_url: refresh_search,
    }


def order_of(subject: str) -> int:
    """Return the order that an e-mail confirms."""
    return int(re.search(r"#(\d+)", subject)[1])


def context() -> LambdaContext:
    """Make what Lambda tells a function of its time."""
    return LambdaContext("function", memory_size=256, max_runtime_ms=FUNCTION_SECONDS * 1000)
