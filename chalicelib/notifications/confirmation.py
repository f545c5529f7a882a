"""Confirming orders by e-mail, each once."""

import logging
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import timedelta

from chalicelib.errors import NotFound, Unavailable
from chalicelib.notifications.mailer import Mailer
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.orders.model import StoreOrder
from chalicelib.orders.storage.work import OrderWork
from chalicelib.platform import metrics
from chalicelib.platform.clock import Clock

# Longer than the function may run, and shorter than its queue's visibility timeout: a message that comes
# again after a crash finds the lease run out.
LEASE_SECONDS = 60
# No mail is begun later, so that those that were sent are marked before the function's time is up.
SENDING = timedelta(seconds=8)

logger = logging.getLogger(__name__)


class ConfirmationService:
    """Sends the e-mails of confirmed orders.

    Args:
        work: where the work of orders is noted.
        mailer: sends the mail.
        addresses_of: gives the e-mail addresses of user ids, without those that there is no account of.
        inbox: who gets the mail of an order without an address; empty for nobody.
        clock: the time.
    """

    def __init__(
        self,
        work: OrderWork,
        mailer: Mailer,
        addresses_of: Callable[[Set[int]], Mapping[int, str]],
        inbox: str,
        clock: Clock,
    ) -> None:
        self._work = work
        self._mailer = mailer
        self._addresses_of = addresses_of
        self._inbox = inbox
        self._clock = clock

    def confirm(self, messages: Iterable[OrderConfirmed]) -> Mapping[OrderConfirmed, Exception]:
        """Send confirmations, but for those that are sent already, or being sent by another worker.

        They are sent one by one and marked as sent together at the end.

        Returns:
            The messages that should come again, and why: there is no such order, or its mail could not be
            sent now; then its lease runs out and it stays due.

        Raises:
            Unavailable: nobody's address could be read.
        """
        begun = self._clock()
        now = int(begun.timestamp())
        by_order = {message.order_id: message for message in messages}
        leased = self._work.lease_confirmations(by_order, now, now + LEASE_SECONDS)
        failures: dict[int, Exception] = {
            order_id: NotFound("There is no such order.") for order_id in by_order if order_id not in leased
        }
        orders = []
        for order_id, order in leased.items():
            if order is None:
                logger.info("Confirmation of order #%s needs no sending", order_id)
            elif isinstance(order, Unavailable):
                failures[order_id] = order
            else:
                orders.append(order)
        accounts = self._addresses_of({order.user_id for order in orders if order.user_id})
        sent = []
        for order in orders:
            try:
                if self._clock() - begun > SENDING:
                    raise Unavailable("There is no time left to send more mail.")
                self._send(order, accounts)
            except Exception as error:
                failures[order.id] = error
            else:
                sent.append(order.id)
        marked = self._work.mark_confirmations_sent(sent, self._clock())
        failures |= {order_id: noted for order_id, noted in marked.items() if isinstance(noted, Unavailable)}
        return {by_order[order_id]: error for order_id, error in failures.items()}

    def _send(self, order: StoreOrder, accounts: Mapping[int, str]) -> None:
        logger.info("Sending confirmation email for Order #%s", order.id)
        # The account's address, else the customer's, else the inbox (contract, Behind it).
        account = accounts.get(order.user_id) if order.user_id else None
        if recipient := account or order.customer_email or self._inbox:
            self._mailer.send(recipient, f"Your order #{order.id} is confirmed", confirmation_text(order))
            metrics.count("MailsSent")


def confirmation_text(order: StoreOrder) -> str:
    """Write the text of an order's confirmation e-mail."""
    lines = "\n".join(
        f"  {line.quantity_requested} x {line.product_title} at {line.price}" for line in order.lines
    )
    return f"Thank you for your order #{order.id} ({order.uid}).\n\n{lines}\n\nTotal: {order.amount}\n"
