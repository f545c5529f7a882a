"""One e-mail for each confirmed order."""

import logging
from uuid import uuid4

import pytest

from chalicelib.errors import NotFound, Unavailable
from chalicelib.notifications.confirmation import LEASE_SECONDS
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.platform.settings import Settings
from chalicelib.users.model import User
from tests.support.shop import START, Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.wiring.settings = Settings(stage=shop.wiring.settings.stage, mail_inbox="inbox@example.com")
    return shop


def placed(shop: Shop, email: str | None = None, user_id: int | None = None) -> OrderConfirmed:
    shop.add_store(1)
    shop.add_stock(1, 10, 5, "iPhone 15", "1000.00")
    return OrderConfirmed(order_id=shop.place(1, {10: 2}, email=email, user_id=user_id).id)


def test_the_customer_gets_one_mail_that_lists_the_order(shop: Shop, caplog):
    caplog.set_level(logging.INFO)
    message = placed(shop, "ada@example.com")
    shop.confirm(message)

    ((recipient, subject, text),) = shop.mailbox.mails
    assert recipient == "ada@example.com"
    assert str(message.order_id) in subject
    assert "2 x iPhone 15 at 1000.00" in text
    assert "Total: 2000.00" in text
    assert f"Sending confirmation email for Order #{message.order_id}" in caplog.messages


def test_without_an_address_the_configured_inbox_gets_the_mail(shop: Shop):
    shop.confirm(placed(shop))
    assert [mail[0] for mail in shop.mailbox.mails] == ["inbox@example.com"]


@pytest.mark.parametrize("named", [None, "somebody@example.com"])
def test_the_mail_of_an_order_of_an_account_goes_to_the_account(shop: Shop, named: str | None):
    assert shop.wiring.users.repository.add(User(7, "Ada", "ada@example.com", f"salted {uuid4()}", START))
    shop.confirm(placed(shop, named, user_id=7))
    assert [mail[0] for mail in shop.mailbox.mails] == ["ada@example.com"]


@pytest.mark.parametrize(
    ("named", "recipient"), [(None, "inbox@example.com"), ("somebody@example.com", "somebody@example.com")]
)
def test_the_mail_of_an_order_whose_account_is_gone_goes_where_it_would_without(
    shop: Shop, named: str | None, recipient: str
):
    shop.confirm(placed(shop, named, user_id=8))
    assert [mail[0] for mail in shop.mailbox.mails] == [recipient]


def test_a_duplicate_message_sends_nothing(shop: Shop):
    message = placed(shop)
    for _ in range(3):
        shop.confirm(message)
    assert len(shop.mailbox.mails) == 1


def test_a_sent_confirmation_is_no_longer_due(shop: Shop):
    message = placed(shop)
    shop.confirm(message)

    row = shop.order_rows.get(message.order_id)
    assert row.confirmation_sent_at == shop.clock.now
    assert (row.due_at, row.due_shard) == (None, None)


def test_a_mail_that_could_not_be_sent_is_sent_when_its_lease_has_run_out(shop: Shop):
    message = placed(shop)
    shop.mailbox.down = True
    with pytest.raises(Unavailable):
        shop.confirm(message)
    shop.mailbox.down = False

    shop.confirm(message)
    assert shop.mailbox.mails == []
    shop.clock.advance(LEASE_SECONDS)
    shop.confirm(message)
    assert len(shop.mailbox.mails) == 1


def test_a_message_about_no_order_fails(shop: Shop):
    with pytest.raises(NotFound):
        shop.confirm(OrderConfirmed(order_id=1))


def test_a_rejected_order_is_never_confirmed_by_mail(shop: Shop):
    placed(shop)
    rejected = shop.place(1, {10: 99})
    shop.confirm(OrderConfirmed(order_id=rejected.id))
    assert shop.mailbox.mails == []


def test_in_a_batch_a_mail_fails_alone_and_a_duplicate_sends_nothing(shop: Shop):
    shop.add_store(1)
    shop.add_stock(1, 10, 5)
    orders = [shop.place(1, {10: 1}, email=f"{name}@example.com").id for name in ("ada", "bob", "joan")]
    messages = [OrderConfirmed(order_id=order_id) for order_id in (*orders, orders[0], 1)]
    send = shop.mailbox.send

    def refuse_bob(recipient: str, subject: str, text: str) -> None:
        if recipient.startswith("bob"):
            raise Unavailable("mail down")
        send(recipient, subject, text)

    shop.mailbox.send = refuse_bob
    failures = shop.wiring.notifications.confirmations.confirm(messages)

    assert {message.order_id for message in failures} == {orders[1], 1}
    assert [mail[0] for mail in shop.mailbox.mails] == ["ada@example.com", "joan@example.com"]
    sent = [shop.order_rows.get(order_id).confirmation_sent_at for order_id in orders]
    assert sent == [shop.clock.now, None, shop.clock.now]
