"""Orders over HTTP."""

from chalice.app import Request, Response

from chalicelib.api.blueprint import Api
from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery, page_response
from chalicelib.api.parsing import (
    parse_body,
    parse_idempotency_key,
    parse_path_id,
    parse_query,
)
from chalicelib.api.responses import json_response
from chalicelib.errors import InvalidInput, UnknownProducts
from chalicelib.orders.idempotency import idempotency_key
from chalicelib.orders.model import StoreOrder, StoreOrderStatus
from chalicelib.orders.schema import StoreOrderBody, lines_of, store_order_request
from chalicelib.orders.views import listed_order, placed_order
from chalicelib.wiring import wired

orders = Api(__name__)


@orders.route("/orders", methods=["POST"])
def place_order(request: Request) -> Response:
    """Place an order from a store's stock: 201 when confirmed, 200 when rejected."""
    key = parse_idempotency_key(request)
    body = parse_body(request, StoreOrderBody, wired().settings.max_body_bytes)
    caller = f"address:{request.context['identity']['sourceIp']}"
    try:
        placement = wired().placement.place(
            store_order_request(body), key and idempotency_key(caller, key, body)
        )
    except UnknownProducts as error:
        fields = {f"{line}.product_id": [str(error)] for line in lines_of(body, error.product_ids)}
        raise InvalidInput(str(error), fields) from error
    confirmed = placement.order.status is StoreOrderStatus.CONFIRMED
    return json_response(
        placed_order(placement.order),
        status=201 if confirmed else 200,
        headers={"Idempotent-Replayed": "true"} if placement.replayed else None,
    )


@orders.route("/orders/store/{store_id}")
@orders.route("/stores/{store_id}/orders")
def store_orders(request: Request, store_id: str) -> Response:
    """List a store's orders, newest first."""
    number = parse_path_id(store_id, "store")

    def fetch(before: Id | None, limit: int) -> list[StoreOrder]:
        # Only an empty answer leaves open whether there is such a store.
        return wired().orders.store_orders(number, before, limit) or wired().stores.nothing_of(number)

    return page_response(
        request,
        parse_query(request, PageQuery),
        fetch,
        position=Id,
        position_of=lambda order: order.id,
        render=listed_order,
    )
