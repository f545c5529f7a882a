"""Every fault that a cloud has, at random.

Which call meets which fault depends on the seed and on the order of calls alone. So what one thread, or threads
that take turns, run through is run through again with the same seed.
"""

import json
import random
from collections import Counter
from collections.abc import Callable

from botocore.awsrequest import AWSResponse

from tests.simulator.faults import Call, Fault, answer, cancelled, refused, timed_out
from tests.simulator.memory.mail import subject_of

# A slow answer comes just before the database's client would give up.
SLOW_SECONDS = 1.8
_CONTENTION = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
_SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


class Storm:
    """A fault that is another one for each call, or none.

    Args:
        chance: decides which call meets which fault.
        rate: the share of calls that do.
        sleep: lets time pass.
    """

    def __init__(self, chance: random.Random, rate: float, sleep: Callable[[float], None]) -> None:
        self._chance = chance
        self.rate = rate
        self._sleep = sleep
        self.injected: Counter[str] = Counter()
        # By the text of the request: e-mails that were taken although their sender heard nothing of it.
        self.lost_mails: list[str] = []

    def __call__(self, call: Call) -> AWSResponse | None:
        if self._chance.random() >= self.rate:
            return None
        faults = self._faults(call)
        name = self._chance.choice(sorted(faults))
        self.injected[name] += 1
        return faults[name](call)

    def _faults(self, call: Call) -> dict[str, Fault]:
        faults: dict[str, Fault] = {
            "refused": refused,
            "timed out": timed_out,
            "carried out, then timed out": self._lost,
            "slow": self._slow,
        }
        if call.service != "dynamodb":
            faults["server error"] = answer("InternalFailure", 500)
            if call.operation == "SendMessageBatch":
                faults["partly failed"] = _partly_failed
            return faults
        faults["server error"] = answer("InternalServerError", 500)
        faults["throttled"] = answer("ThrottlingException")
        faults["throughput exceeded"] = answer("ProvisionedThroughputExceededException")
        if call.operation in _SINGLE_WRITES:
            faults["conflict"] = answer("TransactionConflictException")
        elif call.operation == "TransactWriteItems":
            faults["conflict"] = self._contended(_CONTENTION[:1])
            faults["mixed reasons"] = self._contended(_CONTENTION)
            faults["conflict beside a refusal"] = self._beside
            faults["in progress"] = answer("TransactionInProgressException")
        elif call.operation == "BatchExecuteStatement":
            faults["partly throttled"] = self._partly_executed
        elif call.operation == "BatchGetItem":
            faults["keys held back"] = self._held_back
        return faults

    def _lost(self, call: Call) -> None:
        if call.carry_out().status_code < 300 and call.service == "ses":
            self.lost_mails.append(subject_of(call.request))
        timed_out(call)

    def _slow(self, call: Call) -> None:
        self._sleep(self._chance.uniform(0, SLOW_SECONDS) if call.service == "dynamodb" else 0.1)

    def _contended(self, codes: tuple[str, ...]) -> Fault:
        """Cancel a transaction for contention on some of its items."""

        def fault(call: Call) -> AWSResponse | None:
            items = len(call.body["TransactItems"])
            contended = set(self._chance.sample(range(items), self._chance.randint(1, items)))
            reasons = [
                self._chance.choice(codes) if number in contended else "None" for number in range(items)
            ]
            return cancelled(*reasons)(call)

        return fault

    def _beside(self, call: Call) -> AWSResponse:
        """Let contention hide whether some of the other conditions held, where one was refused."""
        answered = call.carry_out()
        if answered.status_code == 200:
            return answered
        content = json.loads(answered.content)
        for reason in content.get("CancellationReasons", ()):
            if reason["Code"] == "None" and self._chance.random() < 0.5:
                reason["Code"] = "TransactionConflict"
        return call.answer(content, answered.status_code)

    def _partly_executed(self, call: Call) -> AWSResponse:
        """Carry out some statements of a batch, and refuse the others for contention."""
        body = call.body
        statements = body["Statements"]
        some = sorted(
            self._chance.sample(range(len(statements)), self._chance.randint(0, len(statements) - 1))
        )
        responses = [
            {"Error": {"Code": self._chance.choice(_CONTENTION), "Message": "Try again."}} for _ in statements
        ]
        if some:
            answered = call.carry_out(body | {"Statements": [statements[number] for number in some]})
            content = json.loads(answered.content)
            for number, response in zip(some, content["Responses"], strict=True):
                responses[number] = response
        return call.answer({"Responses": responses})

    def _held_back(self, call: Call) -> AWSResponse:
        """Answer for some of the keys that are asked for, and keep the others back."""
        ((table, asked),) = call.body["RequestItems"].items()
        keys = asked["Keys"]
        answered = self._chance.randint(0, len(keys) - 1)
        content = {"Responses": {table: []}}
        if answered:
            some = {"RequestItems": {table: asked | {"Keys": keys[:answered]}}}
            content = json.loads(call.carry_out(some).content)
        return call.answer(content | {"UnprocessedKeys": {table: asked | {"Keys": keys[answered:]}}})


def _partly_failed(call: Call) -> AWSResponse:
    """Take all messages of a batch but the last."""
    body = call.body
    *taken, last = body["Entries"]
    content = json.loads(call.carry_out(body | {"Entries": taken}).content) if taken else {}
    return call.answer(
        content | {"Failed": [{"Id": last["Id"], "Code": "InternalError", "SenderFault": False}]}
    )
