from chalice.app import SQSEvent

from chalicelib.queues.records import handle_each
from tests.support.events import sqs_event


def test_each_record_succeeds_or_fails_on_its_own():
    handled = []

    def handle(body: str) -> None:
        if body == "bad":
            raise ValueError(body)
        handled.append(body)

    event = SQSEvent(sqs_event("one", "bad", "two"), None)

    assert handle_each(event, handle) == {"batchItemFailures": [{"itemIdentifier": "id-1"}]}
    assert handled == ["one", "two"]
