"""The deployed product, through its API Gateway; the cloud enforces the functions' policies."""

import json
import os
import shutil
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from infra.local import cloud
from infra.local.processes import Processes
from infra.ops.seed.catalogue import Catalogue, Volumes
from tests.e2e.client import eventually
from tests.e2e.deployed import SENDER, STACK, Deployed, deployed
from tests.e2e.readme import tour
from tests.support.commands import run

# These the local cloud checks otherwise than AWS, where sending a batch is sending, an e-mail is sent from an
# identity, and a batch of statements is allowed by what each does (dynamodb:PartiQLUpdate on its table):
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
CHECKED_OTHERWISE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["sqs:SendMessageBatch", "ses:SendEmail", "dynamodb:BatchExecuteStatement"],
            "Resource": "*",
        }
    ],
}


class Order(NamedTuple):
    """An order as it was placed, and the header of whose it is."""

    id: int
    uid: str
    status: str
    owner: dict[str, str]


def enforce_policies(stage: Deployed) -> None:
    iam = stage.client("iam")
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"].startswith(STACK):
            iam.put_role_policy(
                RoleName=role["RoleName"],
                PolicyName="checked-otherwise",
                PolicyDocument=json.dumps(CHECKED_OTHERWISE),
            )


@pytest.fixture(scope="module")
def stage(package: Path) -> Iterator[Deployed]:
    with deployed(package, AUTH="true") as stage:
        enforce_policies(stage)
        stage.open_for_business()
        yield stage


@pytest.fixture(scope="module")
def left_to_the_schedule(stage: Deployed) -> Order:
    """Place a personal order; the schedule looks after it within a minute, while other tests run."""
    me = stage.sign_up("grace")
    order = {"product_name": "Kettle", "quantity": 1, "amount": "49.90"}
    uid = stage.call("POST", "/orders", order, me)[2]["order_id"]
    placed = stage.call("GET", f"/orders/{uid}", headers=me)[2]
    return Order(placed["id"], uid, placed["status"], me)


@pytest.fixture(scope="module")
def store_of_the_tour(package: Path) -> Iterator[Deployed]:
    with deployed(package) as stage:
        stage.open_for_business()
        yield stage


def order_of(product_id: int, quantity: int = 1, **more: str) -> dict:
    return {"store_id": 1, "items": [{"product_id": product_id, "quantity_requested": quantity}], **more}


def test_every_command_of_the_readme_answers_as_printed(store_of_the_tour: Deployed):
    stage = store_of_the_tour
    assert stage.redis_url or os.environ.get("CI") != "true", "CI must have redis-server"

    for command, expected, output in tour(stage.url, with_redis=bool(stage.redis_url)):
        assert output == expected, command


def test_a_personal_order_waits_for_the_schedule(left_to_the_schedule: Order):
    assert left_to_the_schedule.status == "pending"


def test_the_command_ends_with_the_address_of_the_api_and_names_what_it_made(stage: Deployed):
    assert stage.output.splitlines()[-1] == f"API {stage.url}"
    assert "AWS::Lambda::Function" in stage.output
    assert stage.call("GET", "/health")[2]["status"] == "ok"


def test_an_unknown_address_is_a_404_and_a_wrong_method_a_405_in_the_shape_of_all_errors(stage: Deployed):
    for method, path, status, code, allowed in [
        ("GET", "/no/such/thing", 404, "not_found", None),
        ("DELETE", "/nothing", 404, "not_found", None),
        ("PUT", "/products", 405, "method_not_allowed", "GET"),
        ("GET", "/orders/1/cancel", 405, "method_not_allowed", "PATCH"),
        ("POST", "/", 405, "method_not_allowed", "GET"),
    ]:
        answered, headers, problem = stage.call(method, path, {} if method == "PUT" else None)
        assert (answered, problem["code"], headers["Allow"]) == (status, code, allowed), (method, path)
        assert headers["Content-Type"] == "application/problem+json"
        assert problem["request_id"] == headers["X-Request-Id"]


def test_30_customers_for_10_units_get_10_orders_and_no_error(stage: Deployed):
    # Functions that run side by side are started first: a first request waits for its function's start.
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda _: stage.call("GET", "/health", seconds=120), range(30)))
        answers = list(pool.map(lambda _: stage.call("POST", "/orders", order_of(12)), range(30)))

    assert Counter((status, body["status"]) for status, _, body in answers) == {
        (201, "CONFIRMED"): 10,
        (200, "REJECTED"): 20,
    }
    (stock,) = [row for row in stage.call("GET", "/stores/1/inventory")[2] if row["id"] == 12]
    assert stock["quantity"] == 0


def test_an_order_sends_one_e_mail_however_often_its_message_comes(stage: Deployed):
    _, _, placed = stage.call("POST", "/orders", order_of(10, customer_email="ada@example.com"))

    def mails() -> list[dict]:
        return [mail for mail in stage.mails() if f"#{placed['id']}" in json.dumps(mail)]

    assert eventually(lambda: len(mails()) == 1)
    sqs = stage.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{STACK}-order-confirmations")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"order_id": placed["id"]}))
    assert eventually(lambda: is_empty(sqs, url))

    (mail,) = mails()
    assert SENDER in json.dumps(mail)
    assert "ada@example.com" in json.dumps(mail)
    assert f"Sending confirmation email for Order #{placed['id']}" in stage.log_of("send-confirmation")


def is_empty(sqs, url: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return all(attributes[name] == "0" for name in names)


def test_a_product_that_is_added_is_found_within_ten_seconds(stage: Deployed):
    added = Catalogue(Volumes(products=1201), 2025).product(1201)
    path = f"/api/search/products?q={added.title.replace(' ', '+').replace('&', '%26')}&sort=newest"

    def found() -> bool:
        return added.id in [product["id"] for product in stage.call("GET", path)[2]["results"]]

    assert not found()
    run("infra.ops.seed", "--stage", "local", "--products", "1201", endpoint=stage.endpoint)
    assert eventually(found, 10)


def test_a_message_that_nobody_can_read_ends_in_the_dead_letter_queue(stage: Deployed):
    sqs = stage.client("sqs")
    url = sqs.get_queue_url(QueueName=f"{STACK}-order-fulfilment")["QueueUrl"]
    dead_letters = sqs.get_queue_url(QueueName=f"{STACK}-order-fulfilment-dead-letters")["QueueUrl"]
    # Failed messages come back at once here, not after the three minutes of the real queue.
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    try:
        sqs.send_message(QueueUrl=url, MessageBody="poison")
        assert eventually(lambda: not is_empty(sqs, dead_letters), 30)
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=before)

    (message,) = sqs.receive_message(QueueUrl=dead_letters)["Messages"]
    assert message["Body"] == "poison"


def test_an_update_changes_the_functions_and_loses_no_data(store_of_the_tour: Deployed, tmp_path: Path):
    # The tour looks at store 1.
    stage = store_of_the_tour
    (product, *_) = stage.call("GET", "/stores/2/inventory?limit=1")[2]
    _, _, placed = stage.call("POST", "/orders", order_of(product["id"]) | {"store_id": 2})
    changed = tmp_path / "package"
    shutil.copytree(stage.package, changed)
    with zipfile.ZipFile(changed / "deployment.zip", "a") as archive:
        archive.writestr("changed.txt", "changed")

    output = stage.deploy("LogLevel=DEBUG", package=changed)

    assert "UPDATE_COMPLETE" in output
    url = output.splitlines()[-1].removeprefix("API ")
    with urllib.request.urlopen(f"{url}/stores/2/orders", timeout=30) as answer:
        assert [order["id"] for order in json.load(answer)] == [placed["id"]]
    configuration = stage.client("lambda").get_function_configuration(FunctionName=f"{STACK}-api")
    variables = configuration["Environment"]["Variables"]
    assert variables["LOG_LEVEL"] == "DEBUG"
    assert stage.redis_url == variables["REDIS_URL"], "what is not given stays as it is"


def test_deploying_the_same_again_changes_nothing(stage: Deployed):
    output = stage.deploy()

    assert "Nothing has changed." in output
    assert output.splitlines()[-1] == f"API {stage.url}"


@pytest.fixture(scope="module")
def failed_at_first(
    package: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Deployed]]:
    """Yield what a first deployment said that failed, and the deployment that came after it."""
    broken = tmp_path_factory.mktemp("broken") / "package"
    shutil.copytree(package, broken)
    template = yaml.safe_load((broken / "template.yaml").read_text())
    # Local clouds know no alarm on a sum of metrics.
    del template["Resources"]["FunctionsFailedAlarm"]["Condition"]
    (broken / "template.yaml").write_text(yaml.safe_dump(template))

    with Processes() as processes:
        endpoint = cloud.start_ministack(processes)
        failed = run("infra.stack.deploy", "--package", str(broken), endpoint=endpoint, succeeds=False)
        yield failed.stderr, Deployed(endpoint, package, "")


def test_a_first_deployment_that_fails_says_why_and_does_not_stand_in_the_way_of_the_next(
    failed_at_first: tuple[str, Deployed],
):
    said, stage = failed_at_first

    assert "the stack is now ROLLBACK_COMPLETE" in said
    assert "FunctionsFailedAlarm: " in said
    assert stage.url.startswith("http://127.0.0.1:")


def test_destroying_a_stage_leaves_nothing_of_it(failed_at_first: tuple[str, Deployed]):
    _, stage = failed_at_first
    bucket = f"{STACK}-snapshots-000000000000-us-east-1"
    stage.client("s3").put_object(Bucket=bucket, Key="search/1.tar", Body=b"a snapshot")

    destroyed = run("infra.stack.deploy", "--destroy", endpoint=stage.endpoint)

    assert destroyed.stdout.endswith("Destroyed stage local.\n")
    assert stage.client("dynamodb").list_tables()["TableNames"] == []
    assert stage.client("lambda").list_functions()["Functions"] == []
    buckets = [bucket["Name"] for bucket in stage.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["stockroom-deploy-000000000000-us-east-1"], "packages stay for a way back"
    assert not stage.client("sqs").list_queues().get("QueueUrls")


def test_what_cannot_be_deployed_is_said_with_its_reason(stage: Deployed):
    wrong = run("infra.stack.deploy", "--package", str(stage.package), "--set", "Colour=red",
                endpoint=stage.endpoint, succeeds=False)  # fmt: skip

    assert "there is no parameter Colour, only AlarmEmail" in wrong.stderr
    unpackaged = run("infra.stack.deploy", "--package", "/nowhere", endpoint=stage.endpoint, succeeds=False)
    assert "run 'make package STAGE=local' first" in unpackaged.stderr
    nobody = run(
        "infra.stack.deploy", "--package", str(stage.package), endpoint="http://127.0.0.1:1", succeeds=False
    )
    assert "Asked was http://127.0.0.1:1" in nobody.stderr


def test_a_personal_order_is_completed_by_the_schedule_and_nothing_else(
    stage: Deployed, left_to_the_schedule: Order
):
    order = left_to_the_schedule
    # Asking the API all the time would meet its limit before the minute of the schedule is over.
    assert eventually(lambda: f"Completed order #{order.id}" in stage.log_of("complete-orders"), 150)
    assert stage.call("GET", f"/orders/{order.uid}", headers=order.owner)[2]["status"] == "completed"
    assert stage.call("PATCH", f"/orders/{order.uid}/cancel", headers=order.owner)[0] == 409
    assert stage.call("GET", f"/orders/{order.uid}", headers=stage.sign_up("joan"))[0] == 404
