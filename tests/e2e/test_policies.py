"""Each function may do exactly what it does: its policy is compared with the calls that it makes.

The deployed functions are led through everything they have to do, each of its rare turns included.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import Unavailable
from chalicelib.platform.queues.messages import encode
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from chalicelib.wiring.overrides import Overrides
from tests.e2e.client import eventually
from tests.e2e.deployed import STACK, Deployed, deployed
from tests.e2e.policies import Permission, granted, needed
from tests.support import recording
from tests.support.commands import run

FUNCTIONS = (
    "api",
    "send-confirmation",
    "process-pending-orders",
    "complete-orders",
    "refresh-search",
    "watch-catalog",
)
SMALL = ("--products", "40", "--stores", "3", "--stock-per-store", "20")


@pytest.fixture(scope="module")
def recorded(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployed, Path]]:
    calls = tmp_path_factory.mktemp("recorded") / "calls"
    with deployed(package, PYTHONPATH=str(Path(*recording.__path__)), RECORDED_CALLS=str(calls)) as stage:
        stage.seed(*SMALL)
        assert eventually(lambda: stage.call("GET", "/api/search/products")[0] == 200, 60)
        use_the_api(stage)
        sell_out_a_split_product(stage)
        send_a_lost_confirmation(stage)
        complete_a_personal_order(stage)
        edit_the_catalogue(stage, calls)
        yield stage, calls


def use_the_api(stage: Deployed) -> None:
    for path in [
        "/health", "/stores", "/stores/1", "/categories", "/products", "/products?category=1", "/products/10",
        "/stores/1/inventory", "/stores/1/orders", "/api/search/suggest?q=iph",
        "/api/search/products?q=iphone&store_id=1&in_stock=true",
    ]:  # fmt: skip
        assert stage.call("GET", path)[0] == 200, path
    me = stage.sign_up("ada")
    account = {"email": "ada@example.com", "password": "correct horse"}
    refresh = {"refresh": stage.call("POST", "/users/login", account)[2]["refresh"]}
    assert stage.call("POST", "/users/token/refresh", refresh)[0] == 200
    assert stage.call("POST", "/users/logout", refresh)[0] == 204
    assert stage.call("GET", "/users/me", headers=me)[0] == 200

    key = me | {"Idempotency-Key": "basket-1"}
    _, _, placed = stage.call("POST", "/orders", order_of(10), key)
    assert stage.call("POST", "/orders", order_of(10), key)[1]["Idempotent-Replayed"] == "true"
    assert stage.call("POST", "/orders", order_of(13, 1000))[2]["status"] == "REJECTED"
    carried = {row["id"] for row in stage.call("GET", "/stores/1/inventory")[2]}
    uncarried = next(number for number in range(1, 41) if number not in carried)
    assert stage.call("POST", "/orders", order_of(uncarried))[2]["status"] == "REJECTED"
    assert stage.call("GET", "/orders", headers=me)[0] == 200
    assert stage.call("PATCH", f"/orders/{placed['uid']}/cancel", headers=me)[0] == 200


def order_of(product_id: int, quantity: int = 1) -> dict:
    return {"store_id": 1, "items": [{"product_id": product_id, "quantity_requested": quantity}]}


def sell_out_a_split_product(stage: Deployed) -> None:
    """Order more than any part of its stock holds, until the index finds none left in all of them."""
    run(
        "infra.ops.reshard",
        "--stage",
        "local",
        "--store",
        "1",
        "--product",
        "13",
        "--shards",
        "2",
        endpoint=stage.endpoint,
    )
    assert stage.call("POST", "/orders", order_of(13, 3))[2]["status"] == "CONFIRMED"


def send_a_lost_confirmation(stage: Deployed) -> None:
    # The confirmation of an account's order goes to the account.
    _, _, placed = stage.call("POST", "/orders", order_of(10), stage.sign_up("joan"))
    assert eventually(lambda: sent(stage, placed["id"]) == 1)
    # As if its message had got lost: due since long ago, and never sent.
    stage.client("dynamodb").update_item(
        TableName=f"{STACK}-orders",
        Key={"id": {"N": str(placed["id"])}},
        UpdateExpression="SET due_shard = :shard, due_at = :once REMOVE confirmation_sent_at, confirmation_leased_until",
        ExpressionAttributeValues={":shard": {"N": "0"}, ":once": {"N": "1"}},
    )
    stage.invoke("process-pending-orders")
    assert eventually(lambda: sent(stage, placed["id"]) == 2)


def sent(stage: Deployed, order_id: int) -> int:
    return sum(f"#{order_id}" in json.dumps(mail) for mail in stage.mails())


def complete_a_personal_order(stage: Deployed) -> None:
    me = stage.sign_up("grace")
    order = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
    uid = stage.call("POST", "/orders", order, me)[2]["order_id"]
    placed = stage.call("GET", f"/orders/{uid}", headers=me)[2]
    stage.invoke("process-pending-orders")
    assert eventually(lambda: f"Completed order #{placed['id']}" in stage.log_of("complete-orders"), 30)


def edit_the_catalogue(stage: Deployed, calls: Path) -> None:
    """Edit often enough for an old snapshot to be dropped, without telling anybody but the scheduled function."""
    past = datetime.now(UTC) - timedelta(hours=1)
    wiring = Wiring(
        Settings(aws_endpoint_url=stage.endpoint),
        Runtime(clock=lambda: past),
        Overrides(publish_changed=nobody),
    )
    # Beyond what it keeps back of its time, this leaves it none: the copies are left to another run.
    limit_time(stage, 9)
    wiring.catalog.editor.update_product(10, price=Decimal("1001.00"))
    stage.invoke("watch-catalog")
    assert eventually(lambda: '"SendMessageBatch"' in calls_of(calls, "refresh-search"), 30)
    limit_time(stage, 900)
    for price in range(1002, 1006):
        wiring.catalog.editor.update_product(10, price=Decimal(price))
        stage.invoke("watch-catalog")
        version = wiring.catalog.transactions.version()
        assert eventually(lambda v=version: wiring.search.pointer.read().version == v, 30)
    assert eventually(lambda: '"DeleteObjects"' in calls_of(calls, "refresh-search"))
    assert eventually(lambda: '"DeleteItem"' in calls_of(calls, "refresh-search"))
    # As if the last message came twice: the copies have followed, and their parts are asked for.
    again = CatalogChanged(catalog_version=version, product_id=10)
    stage.client("sqs").send_message(
        QueueUrl=stage.client("sqs").get_queue_url(QueueName=f"{STACK}-catalog-changes")["QueueUrl"],
        MessageBody=encode(again),
    )
    assert eventually(lambda: asks_for_a_stock_row(calls))


def asks_for_a_stock_row(calls: Path) -> bool:
    lines = calls_of(calls, "refresh-search").splitlines()
    return any('"GetItem"' in line and f"{STACK}-inventory" in line for line in lines)


def nobody(message: object) -> None:
    raise Unavailable("queue down")


def limit_time(stage: Deployed, seconds: int) -> None:
    stage.client("lambda").update_function_configuration(
        FunctionName=f"{STACK}-refresh-search", Timeout=seconds
    )


def calls_of(calls: Path, function: str) -> str:
    return "\n".join(line for line in calls.read_text().splitlines() if f'"{STACK}-{function}"' in line)


def policies(stage: Deployed, function: str) -> dict[str, dict]:
    """Return the policies of a function's role by their names."""
    found = stage.client("lambda").get_function_configuration(FunctionName=f"{STACK}-{function}")
    role = found["Role"].rsplit("/", 1)[1]
    iam = stage.client("iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    return {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_all_that_it_does_and_nothing_else(recorded, function: str):
    stage, calls = recorded
    does = needed(calls)[f"{STACK}-{function}"]
    may = granted([policies(stage, function)["work"]])

    missing = {need for need in does if not any(permission.allows(need) for permission in may)}
    unused = {permission for permission in may if not any(permission.allows(need) for need in does)}
    assert (missing, unused) == (set(), set())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_beside_that_lambda_may_write_its_log_and_receive_its_messages(recorded, function: str):
    stage, _ = recorded
    mappings = stage.client("lambda").list_event_source_mappings(FunctionName=f"{STACK}-{function}")
    queues = [mapping["EventSourceArn"] for mapping in mappings["EventSourceMappings"]]
    others = policies(stage, function)
    del others["work"]

    log = f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{STACK}-{function}:*"
    assert granted(list(others.values())) == {
        *(Permission(action, log) for action in ("logs:CreateLogStream", "logs:PutLogEvents")),
        *(
            Permission(f"sqs:{action}", queue)
            for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
            for queue in queues
        ),
    }


def test_only_the_api_may_read_the_keys_and_only_one_function_sends_mail(recorded):
    stage, _ = recorded
    allowed = {function: granted(list(policies(stage, function).values())) for function in FUNCTIONS}

    def who(action: str) -> list[str]:
        return [
            function
            for function, permissions in allowed.items()
            if any(permission.action == action for permission in permissions)
        ]

    assert who("secretsmanager:GetSecretValue") == ["api"]
    assert who("ses:SendEmail") == ["send-confirmation"]
    for function, permissions in allowed.items():
        assert all(permission.resource != "*" for permission in permissions), function
        assert all("*" not in permission.action for permission in permissions), function
