"""One process of a chaos run: customers, or a worker, over real servers, until it is told to stop or is killed."""

import argparse
import contextlib
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import botocore
from botocore.awsrequest import AWSResponse
from botocore.session import Session

from chalicelib.errors import Unavailable
from chalicelib.platform import aws
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring, rewire
from chalicelib.wiring.overrides import Overrides
from infra.clients import client
from infra.local import pump
from tests.chaos.journal import Journal, NotedMemory
from tests.simulator.actors import CUSTOMER, WORKER, Actor
from tests.simulator.faults import Call, meet
from tests.simulator.memory.mail import sent, subject_of
from tests.simulator.memory.statements import marked_as_sent
from tests.simulator.storm import Storm
from tests.simulator.world import (
    MAX_RECEIVED,
    SCHEDULED,
    context,
    order_of,
    queue_functions,
)

# The share of messages that come again although they were handled.
# Longer than a batch of e-mails takes from its first one to their marks, and shorter than their lease.
STALL_SECONDS = 30.0
DUPLICATE_RATE = 0.05

T = TypeVar("T")


class ChaosProcess:
    """The stage as one process sees it; what it does and what happens to it goes into its journal.

    Args:
        settings: of the real servers.
        journal: where it is noted.
        chance: its share of chance.
        fault_rate: the share of calls that meet a fault.
        kill_rate: the share of calls at which the process is killed, before or right after them.
        threads: how many customers it stands for.
    """

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        chance: random.Random,
        fault_rate: float,
        kill_rate: float,
        threads: int,
    ) -> None:
        self.chance = chance
        self.settings = settings
        self._journal = journal
        self._kill_rate = kill_rate
        self._threads = threads
        self._storm = Storm(chance, fault_rate, time.sleep)
        # The orders whose e-mails were sent and not marked yet, and when they were sent.
        self._unmarked: dict[int, float] = {}
        self._sqs = client("sqs", settings.aws_endpoint_url)
        self._functions = queue_functions(settings)
        aws.session.cache_clear()
        botocore.register_initializer(self._join)
        overrides = Overrides(fulfil=lambda order: journal.note("fulfilled", order=order.id))
        self._wiring = Wiring(settings, overrides=overrides)
        rewire(self._wiring)

    def run(self, action: Callable[[Wiring], T]) -> T:
        self._journal.note("operation")
        return action(self._wiring)

    def deliver(self, url: str) -> None:
        """Deliver a batch in some order; what was handled is deleted, but for some that come again."""
        messages = self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["ApproximateReceiveCount"]
        ).get("Messages", [])
        if not messages:
            return
        self.chance.shuffle(messages)
        self._journal.note("operation", times=len(messages))
        answer = self._functions[url](pump.sqs_event(messages), context())
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in messages:
            tries = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
            is_done = message["MessageId"] not in failed and self.chance.random() >= DUPLICATE_RATE
            if is_done or tries >= MAX_RECEIVED:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            else:
                self._journal.note("duplicate")

    def tick(self) -> None:
        for function in SCHEDULED:
            self._journal.note("operation")
            with contextlib.suppress(Unavailable):
                function(pump.schedule_event(), context())

    def _join(self, session: Session) -> None:
        meet(session.get_component("event_emitter"), self._meet)

    def _meet(self, original: Call) -> AWSResponse | None:
        call = replace(original, send=lambda _: self._carry_out(original))
        if self._kill_rate and self.chance.random() < self._kill_rate:
            self._kill(call)
        before = self._storm.injected.total()
        try:
            answer = self._storm(call)
        finally:
            self._note_faults(self._storm.injected.total() - before)
        return answer or (call.carry_out() if self._is_ours(call) else None)

    def _note_faults(self, number: int) -> None:
        if number:
            self._journal.note("fault", times=number)
        while self._storm.lost_mails:
            self._journal.note("allowed mail", order=order_of(self._storm.lost_mails.pop()))

    def _is_ours(self, call: Call) -> bool:
        """Say whether a call must be seen when it is answered: those that send e-mails and mark them."""
        return call.service == "ses" or (call.operation == "BatchExecuteStatement" and bool(self._unmarked))

    def _carry_out(self, call: Call) -> AWSResponse:
        if call.service == "ses":
            return self._send_mail(call)
        if call.operation == "BatchExecuteStatement":
            for order_id in marked_as_sent(call.body) & self._unmarked.keys():
                # One that stalls for longer than any batch may take is, to the others, as good as dead.
                if time.monotonic() - self._unmarked.pop(order_id) > STALL_SECONDS:
                    self._journal.note("allowed mail", order=order_id)
        return call.carry_out()

    def _send_mail(self, call: Call) -> AWSResponse:
        """Stand in for the mail service: what is in the journal is sent."""
        order_id = order_of(subject_of(call.request))
        self._journal.note("mail", order=order_id)
        self._unmarked[order_id] = time.monotonic()
        return sent(call.request)

    def _kill(self, call: Call) -> None:
        if self.chance.random() < 0.5:
            with contextlib.suppress(Exception):
                call.carry_out()
        for order_id in self._unmarked:
            self._journal.note("allowed mail", order=order_id)
        self._journal.note("killed", threads=self._threads)
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Act until the file named `stop` appears."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.process", description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--customers", type=int, required=True, help="0 for a worker")
    parser.add_argument("--fault-rate", type=float, required=True)
    parser.add_argument("--kill-rate", type=float, required=True)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    journal = Journal(options.folder, options.name)
    process = ChaosProcess(
        Settings.from_environment(),
        journal,
        random.Random(options.seed),
        options.fault_rate,
        options.kill_rate,
        max(1, options.customers),
    )
    memory, stop = NotedMemory(journal), options.folder / "stop"

    def act(actions: dict[Callable[[Actor], None], float]) -> None:
        actor = Actor(process, memory)
        while not stop.exists():
            actor.act(actions)

    threads = [threading.Thread(target=act, args=(CUSTOMER,)) for _ in range(options.customers)]
    if not options.customers:
        threads = [threading.Thread(target=act, args=(WORKER,))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
