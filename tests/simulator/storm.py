"""Every fault that a cloud has, at random, through botocore's own hooks: our code runs as it is.

Which call meets which fault depends on the seed and on the order of calls alone. So what one thread, or threads
that take turns, run through is run through again with the same seed.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.simulator.faults import Fault, answer, refused, response, timed_out
from tests.simulator.memory.mail import subject_of

CarryOut = Callable[[str, str, AWSPreparedRequest], AWSResponse]

# A slow answer comes just before the database's client would give up.
SLOW_SECONDS = 1.8
_CONTENTION = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
_SINGLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})


class Storm:
    """Meets calls with faults; an object to register as a hook.

    Args:
        chance: decides which call meets which fault.
        rate: the share of calls that do.
        carry_out: does what a request asks for.
        sleep: lets time pass.
    """

    def __init__(
        self, chance: random.Random, rate: float, carry_out: CarryOut, sleep: Callable[[float], None]
    ) -> None:
        self._chance = chance
        self.rate = rate
        self._carry_out = carry_out
        self._sleep = sleep
        self.injected: Counter[str] = Counter()
        # By the text of the request: e-mails that were taken although their sender heard nothing of it.
        self.lost_mails: list[str] = []

    def __call__(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse | None:
        """Return the answer of a fault, raise it, or let the call pass."""
        if self._chance.random() >= self.rate:
            return None
        faults = self._faults(service, operation)
        name = self._chance.choice(sorted(faults))
        self.injected[name] += 1
        return faults[name](service, operation, request)

    def _faults(self, service: str, operation: str) -> dict[str, Callable[..., AWSResponse | None]]:
        faults: dict[str, Any] = {
            "refused": _only(refused),
            "timed out": _only(timed_out),
            "carried out, then timed out": self._lost,
            "slow": self._slow,
        }
        if service != "dynamodb":
            faults["server error"] = _only(answer("InternalFailure", 500))
            if operation == "SendMessageBatch":
                faults["partly failed"] = self._partly_failed
            return faults
        faults["server error"] = _only(answer("InternalServerError", 500))
        faults["throttled"] = _only(answer("ThrottlingException"))
        faults["throughput exceeded"] = _only(answer("ProvisionedThroughputExceededException"))
        if operation in _SINGLE_WRITES:
            faults["conflict"] = _only(answer("TransactionConflictException"))
        elif operation == "TransactWriteItems":
            faults["conflict"] = self._conflict
            faults["mixed reasons"] = self._mixed
            faults["conflict beside a refusal"] = self._beside
            faults["in progress"] = _only(answer("TransactionInProgressException"))
        elif operation == "BatchGetItem":
            faults["keys held back"] = self._held_back
        return faults

    def _lost(self, service: str, operation: str, request: AWSPreparedRequest) -> None:
        if self._carry_out(service, operation, request).status_code < 300 and service == "ses":
            self.lost_mails.append(subject_of(request))
        timed_out(request)

    def _slow(self, service: str, operation: str, request: AWSPreparedRequest) -> None:
        self._sleep(self._chance.uniform(0, SLOW_SECONDS) if service == "dynamodb" else 0.1)

    def _conflict(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        return self._cancelled(request, _CONTENTION[:1])

    def _mixed(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        return self._cancelled(request, _CONTENTION)

    def _cancelled(self, request: AWSPreparedRequest, codes: tuple[str, ...]) -> AWSResponse:
        """Cancel a transaction for contention on some of its items."""
        items = len(json.loads(request.body)["TransactItems"])
        contended = set(self._chance.sample(range(items), self._chance.randint(1, items)))
        reasons = [
            {"Code": self._chance.choice(codes) if number in contended else "None"} for number in range(items)
        ]
        return answer("TransactionCanceledException", CancellationReasons=reasons)(request)

    def _beside(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        """Let contention hide whether some of the other conditions held, where one was refused."""
        told = self._carry_out(service, operation, request)
        if told.status_code == 200:
            return told
        content = json.loads(told.content)
        for reason in content.get("CancellationReasons", ()):
            if reason["Code"] == "None" and self._chance.random() < 0.5:
                reason["Code"] = "TransactionConflict"
        return response(request, told.status_code, json.dumps(content).encode())

    def _held_back(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        """Answer for some of the keys that are asked for, and keep the others back."""
        body = json.loads(request.body)
        ((table, asked),) = body["RequestItems"].items()
        keys = asked["Keys"]
        answered = self._chance.randint(0, len(keys) - 1)
        content: dict[str, Any] = {"Responses": {table: []}}
        if answered:
            _rewrite(request, {"RequestItems": {table: asked | {"Keys": keys[:answered]}}})
            content = json.loads(self._carry_out(service, operation, request).content)
        content["UnprocessedKeys"] = {table: asked | {"Keys": keys[answered:]}}
        return response(request, 200, json.dumps(content).encode())

    def _partly_failed(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        """Take all messages of a batch but the last."""
        body = json.loads(request.body)
        *taken, last = body["Entries"]
        content: dict[str, Any] = {}
        if taken:
            _rewrite(request, body | {"Entries": taken})
            content = json.loads(self._carry_out(service, operation, request).content)
        content["Failed"] = [{"Id": last["Id"], "Code": "InternalError", "SenderFault": False}]
        return response(request, 200, json.dumps(content).encode())


def _rewrite(request: AWSPreparedRequest, content: dict[str, Any]) -> None:
    request.body = json.dumps(content).encode()
    request.headers["Content-Length"] = str(len(request.body))


def _only(fault: Fault) -> Callable[..., AWSResponse | None]:
    return lambda service, operation, request: fault(request)
