"""The scheduled function of orders, and the one that completes what it claimed."""

from chalice.app import Blueprint, CloudWatchEvent, Rate, SQSEvent

from chalicelib.orders.messages import OrderClaimed
from chalicelib.platform.functions import seconds_left
from chalicelib.platform.queues.batches import BatchAnswer, handle_messages
from chalicelib.platform.queues.messages import decode
from chalicelib.platform.settings import settings
from chalicelib.wiring import wired

# The stack has it as a parameter, ScheduleExpression; this is what Chalice asks for.
SCHEDULE_MINUTES = 2
# What a run reserves of its time, to finish the page that it has begun.
RESERVE_SECONDS = 10.0
BATCH_SIZE = 10
# How much of the account's concurrency processing may take.
MAX_CONCURRENCY = 10

order_workers = Blueprint(__name__)


@order_workers.schedule(Rate(SCHEDULE_MINUTES, unit=Rate.MINUTES))
def process_pending_orders(event: CloudWatchEvent) -> dict[str, int]:
    """Take up every order that has work left and no valid lease."""
    return {"taken_up": wired().orders.sweeper.run(seconds_left(event, RESERVE_SECONDS))}


@order_workers.on_sqs_message(
    queue=settings().resource("order-fulfilment"),
    batch_size=BATCH_SIZE,
    maximum_concurrency=MAX_CONCURRENCY,
)
def complete_orders(event: SQSEvent) -> BatchAnswer:
    """Complete the orders whose work should be done by now."""
    return handle_messages(
        event,
        lambda body: decode(body, OrderClaimed),
        lambda messages: wired().orders.processing.complete(messages),
    )
