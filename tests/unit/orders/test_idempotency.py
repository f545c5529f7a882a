from chalicelib.orders.idempotency import idempotency_key
from chalicelib.orders.model import StoreOrderRequest

WANTED = StoreOrderRequest(1, {10: 1})


def test_the_same_request_of_the_same_caller_is_the_same_key():
    assert idempotency_key("a", "k", WANTED) == idempotency_key("a", "k", StoreOrderRequest(1, {10: 1}))


def test_another_caller_has_other_keys_however_the_parts_are_cut():
    assert idempotency_key("a", "bk", WANTED).key != idempotency_key("ab", "k", WANTED).key


def test_another_body_has_another_fingerprint_under_the_same_key():
    one, other = (idempotency_key("a", "k", StoreOrderRequest(1, {10: n})) for n in (1, 2))
    assert one.key == other.key
    assert one.fingerprint != other.fingerprint
