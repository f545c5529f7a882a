"""The work that a personal order is processed for: the one place for a shop's own work."""

from chalicelib.orders.model import PersonalOrder


def fulfil(order: PersonalOrder) -> None:
    """Do the work of one order; put what your shop does here, such as a call to a warehouse.

    It is called when the order has been in processing for ORDER_PROCESSING_SECONDS, and the order is
    completed when it returns. When it raises, it is called again later. If a process dies after the
    work and before the order is completed, it is called again as well: recognise orders that you have seen
    by their id.
    """
