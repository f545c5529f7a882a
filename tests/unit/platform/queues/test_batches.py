from chalice.app import SQSEvent

from chalicelib.platform.queues.batches import handle_each, handle_together
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


def test_records_that_end_in_one_piece_of_work_fail_with_it_and_the_others_on_their_own():
    event = SQSEvent(sqs_event("1", "bad", "2"), None)
    seen = []

    assert handle_together(event, int, seen.append) == {"batchItemFailures": [{"itemIdentifier": "id-1"}]}
    assert seen == [[1, 2]]

    def fail(_) -> None:
        raise ValueError

    answer = handle_together(event, int, fail)
    assert {failure["itemIdentifier"] for failure in answer["batchItemFailures"]} == {"id-0", "id-1", "id-2"}


def test_nothing_is_finished_when_no_record_could_be_handled():
    seen = []
    handle_together(SQSEvent(sqs_event("bad"), None), int, seen.append)
    assert seen == []
