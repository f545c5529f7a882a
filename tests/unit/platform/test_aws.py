"""Calling AWS services: clients are made late, and every failure is one of ours."""

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from chalicelib.errors import Unavailable
from chalicelib.platform.aws import AwsService
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings


class Time:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def service(deadline_seconds: float = 0.0) -> AwsService:
    time = Time()
    return AwsService(
        "sqs",
        Settings(),
        Retry(Runtime(monotonic=time.monotonic, sleep=time.sleep)),
        connect_seconds=1,
        read_seconds=1,
        deadline_seconds=deadline_seconds,
    )


def test_a_service_that_is_not_called_costs_no_client(monkeypatch: pytest.MonkeyPatch):
    made = []
    monkeypatch.setattr(Session, "create_client", lambda *_, **__: made.append(1))
    queue = service()
    assert made == []

    assert queue.client is queue.client
    assert made == [1]


def test_a_transient_error_is_retried_until_the_deadline():
    queue = service(deadline_seconds=60.0)
    with Stubber(queue.client) as stub:
        stub.add_client_error("list_queues", "ThrottlingException")
        stub.add_client_error("list_queues", "InternalFailure", http_status_code=500)
        stub.add_response("list_queues", {"QueueUrls": ["url"]})
        assert queue.call("list_queues")["QueueUrls"] == ["url"]


def test_without_time_for_another_attempt_a_transient_error_is_unavailable():
    queue = service()
    with Stubber(queue.client) as stub:
        stub.add_client_error("list_queues", "ThrottlingException")
        with pytest.raises(Unavailable, match="SQS: ThrottlingException"):
            queue.call("list_queues")


def test_an_error_that_would_come_again_is_not_retried():
    queue = service(deadline_seconds=60.0)
    with Stubber(queue.client) as stub:
        stub.add_client_error("list_queues", "AccessDenied", http_status_code=403)
        with pytest.raises(Unavailable, match="SQS: AccessDenied"):
            queue.call("list_queues")
        stub.assert_no_pending_responses()
