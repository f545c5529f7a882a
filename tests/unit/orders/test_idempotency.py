from chalicelib.orders.idempotency import idempotency_key
from chalicelib.orders.schema import StoreOrderBody, StoreOrderItem

BODY = StoreOrderBody(1, (StoreOrderItem(10, 1),))


def test_the_same_request_of_the_same_caller_is_the_same_key():
    assert idempotency_key("a", "k", BODY) == idempotency_key(
        "a", "k", StoreOrderBody(1, (StoreOrderItem(10, 1),))
    )


def test_another_caller_has_other_keys_however_the_parts_are_cut():
    assert idempotency_key("a", "bk", BODY).key != idempotency_key("ab", "k", BODY).key


def test_another_body_has_another_fingerprint_under_the_same_key():
    one, other = (idempotency_key("a", "k", StoreOrderBody(1, (StoreOrderItem(10, n),))) for n in (1, 2))
    assert one.key == other.key
    assert one.fingerprint != other.fingerprint
