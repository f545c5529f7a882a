"""The functions that keep search and the copies on stock rows in step with the catalogue."""

from chalice.app import Blueprint, CloudWatchEvent, Rate, SQSEvent

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.platform.functions import seconds_left
from chalicelib.platform.queues.batches import BatchAnswer, handle_together
from chalicelib.platform.queues.messages import decode
from chalicelib.platform.settings import settings
from chalicelib.wiring import wired

BATCH_SIZE = 10
# One may build an index while another lets copies follow; more would only build the same index.
MAX_CONCURRENCY = 2
# The stack has it as a parameter, ScheduleExpression; this is what Chalice asks for.
SCHEDULE_MINUTES = 2
# What copying leaves of a run's time, to finish the page that it has begun.
RESERVE_SECONDS = 10.0

propagation_workers = Blueprint(__name__)


@propagation_workers.on_sqs_message(
    queue=settings().resource("catalog-changes"),
    batch_size=BATCH_SIZE,
    maximum_concurrency=MAX_CONCURRENCY,
)
def refresh_search(event: SQSEvent) -> BatchAnswer:
    """Let the copies on stock rows follow each change, and publish one snapshot for all of them."""

    time_left = seconds_left(event, RESERVE_SECONDS)

    def follow(body: str) -> CatalogChanged:
        message = decode(body, CatalogChanged)
        wired().catalog.copy_propagation.follow(message, time_left)
        return message

    return handle_together(event, follow, wired().search.publisher.follow)


@propagation_workers.schedule(Rate(SCHEDULE_MINUTES, unit=Rate.MINUTES))
def watch_catalog(event: CloudWatchEvent) -> dict[str, int]:
    """Queue what search and copies have missed."""
    return {"queued": wired().catalog.sweeper.run()}
