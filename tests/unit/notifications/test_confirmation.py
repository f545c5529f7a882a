from chalicelib.notifications.confirmation import confirmation_text
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from tests.support.orders import confirmed_order
from tests.support.shop import Mailbox


def test_the_text_names_the_order_in_both_forms():
    order = confirmed_order()
    assert f"#{order.id} ({order.uid})" in confirmation_text(order)


def test_without_a_sender_only_the_log_tells_of_a_confirmation():
    mailer = Wiring(Settings()).notifications.mailer
    assert mailer.send("a@example.com", "subject", "text") is None
    assert not isinstance(mailer, Mailbox)
