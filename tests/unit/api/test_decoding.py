"""What is read from a request's path."""

import pytest

from chalicelib.api.decoding import decode_path, path_parameters
from chalicelib.errors import NotFound
from chalicelib.ids import to_uid


def test_the_ids_of_a_path_are_numbers_by_name():
    assert decode_path({"store_id": "1", "product_id": "10"}) == {"store_id": 1, "product_id": 10}


@pytest.mark.parametrize("text", ["123456", to_uid(123456), to_uid(123456).lower()])
def test_an_order_is_named_by_its_id_or_by_its_uid(text: str):
    assert decode_path({"uid": text}) == {"uid": 123456}


@pytest.mark.parametrize(
    ("name", "what"), [("store_id", "store"), ("product_id", "product"), ("uid", "order")]
)
@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5", "9007199254740992", "", "٣"])
def test_what_is_no_id_is_not_found(name: str, what: str, text: str):
    with pytest.raises(NotFound, match=f"There is no such {what}."):
        decode_path({name: text})


def test_the_parameters_of_a_path_are_those_in_braces():
    assert path_parameters("/stores/{store_id}/products/{product_id}") == {"store_id", "product_id"}
    assert path_parameters("/orders") == set()


def test_a_path_parameter_that_nobody_can_decode_is_refused():
    with pytest.raises(LookupError, match="shelf"):
        path_parameters("/shelves/{shelf}")
