"""What API Gateway sends to the function although no route is for it."""

import pytest
from chalice.app import Request, Response

from chalicelib.api.unmatched import CATCH_ALL, answer_unmatched

ROUTES = {
    "/": {"GET": object()},
    "/orders": {"GET": object(), "POST": object()},
    "/orders/{order_id}": {"GET": object()},
    "/orders/own": {"DELETE": object()},
    "/orders/{order_id}/cancel": {"PATCH": object()},
}


def ask(address: str, resource: str = CATCH_ALL) -> Response:
    event = {
        "requestContext": {"resourcePath": resource, "httpMethod": "PUT"},
        "headers": {},
        "pathParameters": {"proxy": address},
        "multiValueQueryStringParameters": None,
        "body": None,
        "isBase64Encoded": False,
        "stageVariables": None,
    }
    return answer_unmatched(ROUTES)(Request(event, None), lambda _: Response("from the route"))


@pytest.mark.parametrize(
    "address", ["nothing", "orders/1/2", "orders/1/cancel/now", "ORDERS", "orders//cancel/x"]
)
def test_an_address_that_no_route_has_is_a_404(address: str):
    assert ask(address).status_code == 404
    assert '"code":"not_found"' in ask(address).body


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("orders", "GET, POST"),
        ("orders/", "GET, POST"),
        ("orders/17", "GET"),
        ("orders/own", "DELETE"),
        ("orders/17/cancel", "PATCH"),
    ],
)
def test_a_method_that_an_address_does_not_have_is_a_405_that_names_those_it_has(address: str, allowed: str):
    response = ask(address)

    assert (response.status_code, response.headers["Allow"]) == (405, allowed)
    assert '"code":"method_not_allowed"' in response.body


def test_what_a_route_is_for_goes_to_the_route():
    assert ask("orders", "/orders").body == "from the route"
