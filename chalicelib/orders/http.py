"""Orders over HTTP (contract, "Personal orders" and "Store orders")."""

from chalicelib.api.access import Access
from chalicelib.api.answers import Answer
from chalicelib.api.paging import ID_CURSORS, PageQuery, page
from chalicelib.api.routes import Api, Call
from chalicelib.errors import InvalidInput, UnknownProducts
from chalicelib.orders.idempotency import IdempotencyKey, idempotency_key
from chalicelib.orders.model import PersonalOrderRequest, StoreOrder, StoreOrderRequest, StoreOrderStatus
from chalicelib.orders.paging import own_orders_page
from chalicelib.orders.payloads import (
    ORDER_BODY,
    ListedStoreOrderPayload,
    OrderMessagePayload,
    OwnOrdersPayload,
    OwnOrdersQuery,
    PersonalOrderBody,
    PersonalOrderPayload,
    StoreOrderBody,
    StoreOrderPayload,
    own_order,
)
from chalicelib.wiring import wired

OrderCall = Call[StoreOrderBody | PersonalOrderBody, None]

orders = Api(__name__)


@orders.post(
    "/orders",
    body=ORDER_BODY,
    answers={201: StoreOrderPayload | OrderMessagePayload, 200: StoreOrderPayload},
    access=Access.OPTIONAL,
    takes_idempotency_key=True,
)
def place_order(call: OrderCall) -> Answer[StoreOrderPayload | OrderMessagePayload]:
    """Place an order of either kind; the body decides which."""
    if isinstance(call.body, StoreOrderBody):
        return _place_store_order(call, call.body)
    return _place_personal_order(call, call.body)


def _place_store_order(call: OrderCall, body: StoreOrderBody) -> Answer[StoreOrderPayload]:
    caller = call.known_caller
    request = body.request(caller.user_id if caller else None)
    try:
        placement = wired().orders.placement.place_store_order(request, _key(call, request))
    except UnknownProducts as error:
        fields = {f"{line}.product_id": [str(error)] for line in body.lines_of(error.product_ids)}
        raise InvalidInput(str(error), fields) from error
    confirmed = placement.order.status is StoreOrderStatus.CONFIRMED
    return Answer(
        StoreOrderPayload.of(placement.order),
        201 if confirmed else 200,
        headers=_headers(replayed=placement.replayed),
    )


def _place_personal_order(call: OrderCall, body: PersonalOrderBody) -> Answer[OrderMessagePayload]:
    request = body.request(call.caller.user_id)
    placement = wired().orders.placement.place_personal_order(request, _key(call, request))
    payload = OrderMessagePayload(placement.order.uid, "Your order is placed.")
    return Answer(payload, 201, headers=_headers(replayed=placement.replayed))


def _key(call: OrderCall, request: PersonalOrderRequest | StoreOrderRequest) -> IdempotencyKey | None:
    key = call.idempotency_key
    return idempotency_key(call.sender, key, request) if key else None


def _headers(*, replayed: bool) -> dict[str, str]:
    return {"Idempotent-Replayed": "true"} if replayed else {}


@orders.get("/orders", query=OwnOrdersQuery, answers={200: OwnOrdersPayload}, access=Access.SIGNED_IN)
def own_orders(call: Call[None, OwnOrdersQuery]) -> Answer[OwnOrdersPayload]:
    """List the caller's orders of both kinds, newest first."""
    return Answer(own_orders_page(call, wired().orders.repository))


@orders.get(
    "/orders/{uid}",
    answers={200: StoreOrderPayload | PersonalOrderPayload},
    access=Access.SIGNED_IN,
)
def show_order(call: Call[None, None], uid: int) -> Answer[StoreOrderPayload | PersonalOrderPayload]:
    """Show one of the caller's orders."""
    return Answer(own_order(wired().orders.repository.get_own(uid, call.caller.user_id)))


@orders.patch("/orders/{uid}/cancel", answers={200: OrderMessagePayload}, access=Access.SIGNED_IN)
def cancel_order(call: Call[None, None], uid: int) -> Answer[OrderMessagePayload]:
    """Cancel one of the caller's orders, unless it is already being processed."""
    order = wired().orders.cancellation.cancel(uid, call.caller.user_id)
    return Answer(OrderMessagePayload(order.uid, "Your order is cancelled."))


@orders.get(
    "/orders/store/{store_id}",
    "/stores/{store_id}/orders",
    query=PageQuery,
    answers={200: list[ListedStoreOrderPayload]},
)
def store_orders(call: Call[None, PageQuery], store_id: int) -> Answer[list[ListedStoreOrderPayload]]:
    """List a store's orders, newest first."""

    def fetch(before: int | None, limit: int) -> list[StoreOrder]:
        found = wired().orders.repository.store_orders(store_id, before, limit)
        if not found:
            # Only an empty answer leaves open whether there is such a store.
            wired().inventory.stores.store(store_id)
        return found

    return page(
        call,
        ID_CURSORS,
        fetch,
        position_of=lambda order: order.id,
        render=ListedStoreOrderPayload.of,
    )
