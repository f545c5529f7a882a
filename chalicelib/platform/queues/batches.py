"""Handling a batch of queue records, so that one bad record fails alone."""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from chalice.app import SQSEvent

Handled = TypeVar("Handled")
Message = TypeVar("Message", bound=Hashable)

# The partial batch response of
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: SQS delivers the failed
# records again and after the queue's limit moves them to its dead-letter queue.
BatchAnswer = dict[str, list[dict[str, str]]]

logger = logging.getLogger(__name__)


def handle_messages(
    records: "SQSEvent",
    decode: Callable[[str], Message],
    handle: Callable[[Sequence[Message]], Mapping[Message, Exception]],
) -> BatchAnswer:
    """Run `handle` once on the messages of all records, and report the failed records.

    Args:
        records: the batch.
        decode: called with each body; an exception fails that record only.
        handle: called with the messages, if there are any; returns those that failed, and why. An exception
            fails all of them.

    Returns:
        The partial batch response.
    """
    messages, failed = _each(records, decode)
    if messages:
        try:
            failures = handle(list(messages.values()))
        except Exception as failure:
            failures = dict.fromkeys(messages.values(), failure)
        for message_id, message in messages.items():
            if error := failures.get(message):
                logger.error("Record %s failed", message_id, exc_info=error)
                failed.append(message_id)
    return _answer(failed)


def handle_together(
    records: "SQSEvent",
    handle: Callable[[str], Handled],
    finish: Callable[[Sequence[Handled]], object],
) -> BatchAnswer:
    """Run `handle` on the body of every record, and `finish` once on what came of those that succeeded.

    Args:
        records: the batch.
        handle: called with each body; an exception fails that record only.
        finish: called with the results, if there are any; an exception fails all records.

    Returns:
        The partial batch response.
    """
    handled, failed = _each(records, handle)
    if handled:
        try:
            finish(list(handled.values()))
        except Exception:
            logger.exception("Records %s failed together", ", ".join(handled))
            failed += handled
    return _answer(failed)


def _each(records: "SQSEvent", handle: Callable[[str], Handled]) -> tuple[dict[str, Handled], list[str]]:
    """Run `handle` on each body; return results by message id, and the ids of the records that failed."""
    handled: dict[str, Handled] = {}
    failed: list[str] = []
    for record in records:
        message_id = record.to_dict()["messageId"]
        try:
            handled[message_id] = handle(record.body)
        except Exception:
            logger.exception("Record %s failed", message_id)
            failed.append(message_id)
    return handled, failed


def _answer(failed: Iterable[str]) -> BatchAnswer:
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
