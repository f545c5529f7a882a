"""Handling a batch of queue records one by one, so that one bad record fails alone."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from chalice.app import SQSEvent

Handled = TypeVar("Handled")

# The partial batch response of
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: SQS delivers the failed
# records again and after the queue's limit moves them to its dead-letter queue.
BatchAnswer = dict[str, list[dict[str, str]]]

logger = logging.getLogger(__name__)


def handle_each(records: "SQSEvent", handle: Callable[[str], None]) -> BatchAnswer:
    """Run `handle` on the body of every record and report the failed ones.

    Args:
        records: the batch.
        handle: called with each body; an exception fails that record only.

    Returns:
        The partial batch response.
    """
    return handle_together(records, handle, lambda _: None)


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
        The partial batch response, as for `handle_each`.
    """
    handled: dict[str, Handled] = {}
    failed: list[str] = []
    for record in records:
        message_id = record.to_dict()["messageId"]
        try:
            handled[message_id] = handle(record.body)
        except Exception:
            logger.exception("Record %s failed", message_id)
            failed.append(message_id)
    if handled:
        try:
            finish(list(handled.values()))
        except Exception:
            logger.exception("Records %s failed together", ", ".join(handled))
            failed += handled
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
