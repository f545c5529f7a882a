"""Orders over HTTP."""

from chalice.app import Request, Response

from chalicelib.api.access import Access, who
from chalicelib.api.answers import json_response
from chalicelib.api.decoding import (
    parse_body,
    parse_idempotency_key,
    parse_path_id,
    parse_query,
)
from chalicelib.api.fields import Id
from chalicelib.api.paging import PageQuery, page_response
from chalicelib.api.routes import Api
from chalicelib.errors import InvalidInput, NotFound, Unauthorized, UnknownProducts
from chalicelib.identity import Caller
from chalicelib.ids import parse_order_id
from chalicelib.orders.idempotency import IdempotencyKey, idempotency_key
from chalicelib.orders.model import (
    PersonalOrderRequest,
    StoreOrder,
    StoreOrderRequest,
    StoreOrderStatus,
)
from chalicelib.orders.paging import OwnOrdersQuery, own_orders_page
from chalicelib.orders.payloads import (
    OrderFields,
    PersonalOrderBody,
    StoreOrderBody,
    is_personal_order,
    lines_of,
    personal_order_request,
    store_order_request,
)
from chalicelib.orders.placement import Placement
from chalicelib.orders.views import OrderMessageView, listed_order, own_order, placed_order
from chalicelib.wiring import wired

orders = Api(__name__)


@orders.route("/orders", methods=["POST"], access=Access.OPTIONAL)
def place_order(request: Request, caller: Caller | None) -> Response:
    """Place an order of either kind; the body decides which."""
    max_bytes = wired().settings.max_body_bytes
    if is_personal_order(parse_body(request, OrderFields, max_bytes)):
        if caller is None:
            raise Unauthorized("An order of your own needs an account: log in and send its access token.")
        return _place_personal_order(request, caller, parse_body(request, PersonalOrderBody, max_bytes))
    return _place_store_order(request, caller, parse_body(request, StoreOrderBody, max_bytes))


def _place_personal_order(request: Request, caller: Caller, body: PersonalOrderBody) -> Response:
    wanted = personal_order_request(body, caller.user_id)
    placement = wired().order_placement.place_personal_order(wanted, _key(request, caller, wanted))
    view = OrderMessageView(placement.order.uid, "Your order is placed.")
    return json_response(view, status=201, headers=_replayed(placement))


def _place_store_order(request: Request, caller: Caller | None, body: StoreOrderBody) -> Response:
    wanted = store_order_request(body, caller and caller.user_id)
    try:
        placement = wired().order_placement.place_store_order(wanted, _key(request, caller, wanted))
    except UnknownProducts as error:
        fields = {f"{line}.product_id": [str(error)] for line in lines_of(body, error.product_ids)}
        raise InvalidInput(str(error), fields) from error
    confirmed = placement.order.status is StoreOrderStatus.CONFIRMED
    return json_response(
        placed_order(placement.order), status=201 if confirmed else 200, headers=_replayed(placement)
    )


def _key(
    request: Request, caller: Caller | None, wanted: PersonalOrderRequest | StoreOrderRequest
) -> IdempotencyKey | None:
    key = parse_idempotency_key(request)
    return key and idempotency_key(who(request, caller), key, wanted)


def _replayed(placement: Placement) -> dict[str, str] | None:
    return {"Idempotent-Replayed": "true"} if placement.replayed else None


@orders.route("/orders", access=Access.SIGNED_IN)
def own_orders(request: Request, caller: Caller) -> Response:
    """List the caller's orders of both kinds, newest first."""
    query = parse_query(request, OwnOrdersQuery)
    return json_response(own_orders_page(request, query, wired().orders, caller.user_id))


@orders.route("/orders/{uid}", access=Access.SIGNED_IN)
def show_order(request: Request, caller: Caller, uid: str) -> Response:
    """Show one of the caller's orders."""
    return json_response(own_order(wired().orders.get_own(_order_id(uid), caller.user_id)))


@orders.route("/orders/{uid}/cancel", methods=["PATCH"], access=Access.SIGNED_IN)
def cancel_order(request: Request, caller: Caller, uid: str) -> Response:
    """Cancel one of the caller's orders, as long as nobody works on it."""
    order = wired().order_cancellation.cancel(_order_id(uid), caller.user_id)
    return json_response(OrderMessageView(order.uid, "Your order is cancelled."))


def _order_id(uid: str) -> int:
    order_id = parse_order_id(uid)
    if order_id is None:
        raise NotFound("There is no such order.")
    return order_id


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
