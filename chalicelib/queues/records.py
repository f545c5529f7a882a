"""Handling a batch of queue records one by one, so that one bad record fails alone."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

logger = logging.getLogger(__name__)


def handle_each(records: Iterable[Any], handle: Callable[[str], None]) -> dict[str, Any]:
    """Run `handle` on the body of every record and report the failed ones.

    Args:
        records: Chalice's SQS records.
        handle: called with each body; an exception fails that record only.

    Returns:
        The partial batch response of
        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html: SQS delivers
        the failed records again and after the queue's limit moves them to its dead-letter queue.
    """
    failures = []
    for record in records:
        message_id = record.to_dict()["messageId"]
        try:
            handle(record.body)
        except Exception:
            logger.exception("Record %s failed", message_id)
            failures.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failures}
