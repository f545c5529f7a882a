"""A body of two kinds is decoded once, and the fields that are there decide which kind it is."""

import json
from typing import Any

import msgspec
import pytest

from chalicelib.api.bodies import FIELD_REQUIRED, either
from chalicelib.errors import InvalidInput, Unauthorized
from chalicelib.identity import Caller, Role

ANN = Caller(7, Role.CUSTOMER)
SHAPES = "A payment is either by card or by invoice."
NEEDS_ACCOUNT = "An invoice needs an account."


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    holder: str | None = None


class Invoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    company: str
    amount: msgspec.Raw


BODY = either(Card, Invoice, detail=SHAPES, signed_in={Invoice: NEEDS_ACCOUNT})


def decode(caller: Caller | None = ANN, **fields: Any) -> Card | Invoice:
    return BODY.decode(json.dumps(fields).encode(), caller)


def test_the_fields_of_a_kind_make_a_body_of_that_kind():
    assert decode(number=1) == Card(1)
    assert decode(number=1, holder="Ann") == Card(1, "Ann")
    assert isinstance(decode(company="ACME", amount=1), Invoice)


def test_an_amount_stays_as_it_was_written():
    body = BODY.decode(b'{"company":"ACME","amount":0.10}', ANN)

    assert isinstance(body, Invoice)
    assert bytes(body.amount) == b"0.10"


@pytest.mark.parametrize("fields", [{"holder": "Ann"}, {"holder": None}])
def test_a_missing_field_is_named(fields: dict[str, Any]):
    with pytest.raises(InvalidInput) as refused:
        decode(**fields)

    assert refused.value.fields == {"number": [FIELD_REQUIRED]}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"other": 1},
        {"number": 1, "company": "ACME"},
        {"number": "not a number", "company": "ACME"},
        {"number": None, "company": None},
    ],
)
def test_a_body_of_no_kind_or_of_both_is_told_the_two_shapes(fields: dict[str, Any]):
    with pytest.raises(InvalidInput, match=SHAPES):
        decode(**fields)


@pytest.mark.parametrize("fields", [{"number": "1"}, {"number": 1, "other": 2}, {"company": 1, "amount": 1}])
def test_a_wrong_or_unknown_field_is_refused(fields: dict[str, Any]):
    with pytest.raises(msgspec.ValidationError):
        decode(**fields)


@pytest.mark.parametrize("fields", [{"company": "ACME", "amount": 1}, {"company": 1}])
def test_a_kind_that_needs_an_account_is_refused_to_strangers_before_its_fields_are_looked_at(fields):
    with pytest.raises(Unauthorized, match=NEEDS_ACCOUNT):
        decode(None, **fields)
    assert decode(None, number=1) == Card(1)


def test_kinds_that_share_a_field_cannot_be_told_apart():
    class Cheque(msgspec.Struct):
        holder: str

    with pytest.raises(TypeError):
        either(Card, Cheque, detail=SHAPES, signed_in={})
