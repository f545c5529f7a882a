"""Bad input: the documented 4xx with the field named, one shape for all, and nothing changes."""

import pytest

from tests.support.api import Api
from tests.support.shop import Shop

pytestmark = pytest.mark.usefixtures("shop")

LINE = '{"product_id":10,"quantity_requested":1}'


def body(items: str = f"[{LINE}]", store_id: str = "1", more: str = "") -> bytes:
    return f'{{"store_id":{store_id},"items":{items}{more}}}'.encode()


def line(product_id: str = "10", quantity: str = "1", more: str = "") -> bytes:
    return body(f'[{{"product_id":{product_id},"quantity_requested":{quantity}{more}}}]')


FIFTY_ONE = ",".join(f'{{"product_id":{number},"quantity_requested":1}}' for number in range(1, 52))

NAMED = {
    "a store id that is a boolean": (body(store_id="true"), "store_id"),
    "a store id that is text": (body(store_id='"1"'), "store_id"),
    "a store id of zero": (body(store_id="0"), "store_id"),
    "a negative store id": (body(store_id="-1"), "store_id"),
    "a store id that is a fraction": (body(store_id="1.5"), "store_id"),
    "a store id beyond all ids": (body(store_id="9007199254740992"), "store_id"),
    "a store id of thirty digits": (body(store_id="1" + "0" * 30), "store_id"),
    "a store id of a thousand digits": (body(store_id="9" * 1000), "store_id"),
    "a store id that is null": (body(store_id="null"), "store_id"),
    "no store id": (f'{{"items":[{LINE}]}}'.encode(), "store_id"),
    "no items": (b'{"store_id":1}', "items"),
    "items that are null": (body("null"), "items"),
    "items that are an object": (body("{}"), "items"),
    "an empty list of items": (body("[]"), "items"),
    "51 products": (body(f"[{FIFTY_ONE}]"), "items"),
    "501 lines": (body(f"[{','.join([LINE] * 501)}]"), "items"),
    "a line that is a number": (body("[7]"), "items[0]"),
    "a second line that is null": (body(f"[{LINE},null]"), "items[1]"),
    "a product id that is a boolean": (line(product_id="true"), "items[0].product_id"),
    "a line without a product": (body('[{"quantity_requested":1}]'), "items[0].product_id"),
    "a line without a quantity": (body('[{"product_id":10}]'), "items[0].quantity_requested"),
    "a quantity of zero": (line(quantity="0"), "items[0].quantity_requested"),
    "a negative quantity": (line(quantity="-1"), "items[0].quantity_requested"),
    "a quantity that is a fraction": (line(quantity="1.5"), "items[0].quantity_requested"),
    "a quantity with a point": (line(quantity="1.0"), "items[0].quantity_requested"),
    "a quantity that is text": (line(quantity='"1"'), "items[0].quantity_requested"),
    "a quantity that is a boolean": (line(quantity="true"), "items[0].quantity_requested"),
    "a quantity above a million": (line(quantity="1000001"), "items[0].quantity_requested"),
    "a quantity of 1e309": (line(quantity="1e309"), "items[0].quantity_requested"),
    "a quantity of thirty digits": (line(quantity="1" + "0" * 30), "items[0].quantity_requested"),
    "lines that add up to more than a million": (
        body('[{"product_id":10,"quantity_requested":600000},{"product_id":10,"quantity_requested":600000}]'),
        "items[1].quantity_requested",
    ),
    "an unknown field": (body(more=',"status":"CONFIRMED"'), "status"),
    "an unknown field of a line": (line(more=',"price":"0.01"'), "items[0].price"),
    "an address without @": (body(more=',"customer_email":"nobody"'), "customer_email"),
    "an address with a line break": (body(more=r',"customer_email":"a@b.example\nBcc: c@d.example"'), "customer_email"),
    "an address that ends in a line break": (body(more=r',"customer_email":"a@b.example\n"'), "customer_email"),
    "an address with NUL": (body(more=r',"customer_email":"a\u0000@b.example"'), "customer_email"),
    "an address of 400 characters": (body(more=f',"customer_email":"{"a" * 400}@b.example"'), "customer_email"),
    "an address that is a number": (body(more=',"customer_email":7'), "customer_email"),
}  # fmt: skip

UNREADABLE = {
    "an empty body": b"",
    "an array": f"[{LINE}]".encode(),
    "a string": b'"order"',
    "a number": b"1",
    "null": b"null",
    "half an object": b'{"store_id":1,"items":[',
    "something after the object": body() + b"}",
    "NaN": line(quantity="NaN"),
    "Infinity": line(quantity="Infinity"),
    "invalid UTF-8": body(more=',"customer_email":"').replace(b"]", b"]\xff"),
    "a lone surrogate": body(more=r',"customer_email":"\ud800@b.example"'),
    "a raw NUL": body() + b"\x00",
    "100,000 open brackets": b"[" * 100_000,
    "100,000 open objects": b'{"items":' * 25_000,
}


@pytest.mark.parametrize("case", NAMED)
def test_a_wrong_field_is_named(api: Api, shop: Shop, case: str):
    content, field = NAMED[case]
    answer = api.post("/orders", body=content)

    assert answer.status == 400
    assert field in answer.json["errors"]
    assert all(messages and all(messages) for messages in answer.json["errors"].values())
    assert nothing_changed(shop)


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_body_that_is_no_json_object_is_refused(api: Api, shop: Shop, case: str):
    answer = api.post("/orders", body=UNREADABLE[case])

    assert answer.status == 400
    assert answer.json["code"] in ("malformed_body", "invalid_input")
    assert nothing_changed(shop)


def test_a_body_of_two_megabytes_is_too_large(api: Api, shop: Shop):
    answer = api.post("/orders", body=body(more=f',"customer_email":"{"a" * 2_000_000}"'))

    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert nothing_changed(shop)


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"{path}?{query}", query.split("=")[0])
        for path in ("/orders/store/1", "/stores/1/orders", "/stores/1/inventory", "/products", "/categories", "/stores")
        for query in (
            "limit=0", "limit=-1", "limit=1001", "limit=abc", "limit=", "limit=1.5", "limit=%00",
            "cursor=", "cursor=abc", "cursor=%FF", "cursor=WzEsMl0", "cursor=" + "A" * 5000, "cursor=é",
        )
    ]
    + [("/products?category=abc", "category"), ("/products?category=0", "category")],
)  # fmt: skip
def test_a_wrong_query_parameter_is_named(api: Api, path: str, parameter: str):
    answer = api.get(path)

    assert answer.status == 400
    assert list(answer.json["errors"]) == [parameter]


def test_a_cursor_of_another_list_is_refused(api: Api, shop: Shop):
    shop.add_store(2)
    shop.add_stock(2, 10, 1)
    link = api.get("/stores/1/inventory?limit=1").headers["link"]
    query = link[link.index("?") : link.index(">")]

    assert api.get(f"/stores/1/inventory{query}").status == 200
    assert api.get(f"/stores/2/inventory{query}").status == 400
    assert api.get(f"/stores/1/orders{query}").status == 400


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5", "9007199254740992", "1" * 40, "%00", "1%20", "٣"])
def test_an_address_that_holds_no_id_is_not_found(api: Api, text: str):
    for path in (
        f"/stores/{text}",
        f"/products/{text}",
        f"/orders/store/{text}",
        f"/stores/{text}/inventory",
    ):
        assert api.get(path).status == 404


def every_kind_of_error(api: Api, shop: Shop):
    yield 400, api.post("/orders", body=b"")
    yield 404, api.get("/stores/99")
    yield 405, api.call("DELETE", "/orders")
    yield 413, api.post("/orders", body=b"x" * 300_000)
    yield 415, api.post("/orders", body=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})
    api.post("/orders", body=body(), headers={"Idempotency-Key": "k"})
    yield 422, api.post("/orders", body=line(quantity="2"), headers={"Idempotency-Key": "k"})
    shop.wiring.orders.placement.place_store_order = lambda *_: 1 / 0
    yield 500, api.post("/orders", body=body())


def test_every_error_has_the_one_shape(api: Api, shop: Shop):
    for status, answer in every_kind_of_error(api, shop):
        assert answer.status == status
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json
        assert set(problem) >= {"type", "title", "status", "detail", "code", "request_id"}
        assert problem["status"] == status
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert problem["code"] in problem["type"]
        assert problem["code"].islower()


def test_a_wrong_method_says_which_are_right(api: Api):
    assert set(api.call("DELETE", "/orders").headers["allow"].split(", ")) == {"GET", "POST"}


def test_an_unexpected_error_shows_nothing_of_its_cause(api: Api, shop: Shop, caplog):
    shop.wiring.orders.placement.place_store_order = lambda *_: 1 / 0
    answer = api.post("/orders", body=body())

    assert answer.status == 500
    assert b"Zero" not in answer.body
    assert b"Traceback" not in answer.body
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def nothing_changed(shop: Shop) -> bool:
    return shop.all_orders() == [] and (shop.quantity(1, 10), shop.quantity(1, 11)) == (7, 3)
