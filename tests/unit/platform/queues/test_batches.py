from chalice.app import SQSEvent

from chalicelib.platform.queues.batches import handle_messages, handle_together
from tests.support.events import sqs_event


def failed(answer) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_records_are_handled_together_and_fail_on_their_own():
    seen = []

    def handle(messages):
        seen.append(messages)
        return {3: ValueError("no")}

    event = SQSEvent(sqs_event("1", "bad", "2", "3", "3"), None)

    assert failed(handle_messages(event, int, handle)) == ["id-1", "id-3", "id-4"]
    assert seen == [[1, 2, 3, 3]]


def test_an_error_of_the_whole_fails_all_records():
    def handle(messages):
        raise OSError

    assert failed(handle_messages(SQSEvent(sqs_event("1", "2"), None), int, handle)) == ["id-0", "id-1"]


def test_no_messages_are_not_handled():
    seen = []
    assert failed(handle_messages(SQSEvent(sqs_event("bad"), None), int, seen.append)) == ["id-0"]
    assert seen == []


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
