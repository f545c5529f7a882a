"""The queue function of notifications."""

from chalice.app import Blueprint, SQSEvent

from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.queues.batches import BatchAnswer, handle_messages
from chalicelib.platform.queues.messages import decode
from chalicelib.platform.settings import settings
from chalicelib.wiring import wired

BATCH_SIZE = 10
# SES sends a new account's mail at 14 a second; more workers would only be refused.
MAX_CONCURRENCY = 5

notifications = Blueprint(__name__)


@notifications.on_sqs_message(
    queue=settings().resource("order-confirmations"),
    batch_size=BATCH_SIZE,
    maximum_concurrency=MAX_CONCURRENCY,
)
def send_confirmation(event: SQSEvent) -> BatchAnswer:
    """Send one e-mail per confirmed order."""
    return handle_messages(
        event,
        lambda body: decode(body, OrderConfirmed),
        lambda messages: wired().notifications.confirmations.confirm(messages),
    )
