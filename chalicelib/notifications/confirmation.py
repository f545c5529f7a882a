"""Confirming orders by e-mail, each once."""

import logging
from collections.abc import Callable

from chalicelib.notifications.mailer import Mailer
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import StoreOrder
from chalicelib.orders.storage.work import OrderWork
from chalicelib.platform import metrics
from chalicelib.platform.clock import Clock

# Longer than the function may run, and shorter than its queue's visibility timeout: a message that comes
# again after a crash finds the lease run out.
LEASE_SECONDS = 60

logger = logging.getLogger(__name__)


class ConfirmationService:
    """Sends the e-mail of a confirmed order.

    Args:
        work: where the work of orders is noted.
        mailer: sends the mail.
        address_of: gives the e-mail address of a user id; None if there is no such account.
        inbox: who gets the mail of an order without an address; empty for nobody.
        clock: the time.
    """

    def __init__(
        self,
        work: OrderWork,
        mailer: Mailer,
        address_of: Callable[[int], str | None],
        inbox: str,
        clock: Clock,
    ) -> None:
        self._work = work
        self._mailer = mailer
        self._address_of = address_of
        self._inbox = inbox
        self._clock = clock

    def confirm(self, message: OrderConfirmed) -> None:
        """Send the confirmation unless it is sent already, or being sent by another worker.

        Raises:
            NotFound: there is no such order.
            Unavailable: the mail could not be sent now; the lease runs out and it stays due.
        """
        now = int(self._clock().timestamp())
        order = self._work.lease_confirmation(message.order_id, now, now + LEASE_SECONDS)
        if order is None:
            logger.info("Confirmation of order #%s needs no sending", message.order_id)
            return
        logger.info("Sending confirmation email for Order #%s", order.id)
        if recipient := self._recipient(order):
            self._mailer.send(recipient, f"Your order #{order.id} is confirmed", confirmation_text(order))
            metrics.count("MailsSent")
        self._work.mark_confirmation_sent(order.id, self._clock())

    def _recipient(self, order: StoreOrder) -> str | None:
        """Return the account's address, else the customer's, else the inbox (contract, Behind it)."""
        account = self._address_of(order.user_id) if order.user_id else None
        return account or order.customer_email or self._inbox


def confirmation_text(order: StoreOrder) -> str:
    """Write the text of an order's confirmation e-mail."""
    lines = "\n".join(
        f"  {line.quantity_requested} x {line.product_title} at {line.price}" for line in order.lines
    )
    return f"Thank you for your order #{order.id} ({order.uid}).\n\n{lines}\n\nTotal: {order.amount}\n"
