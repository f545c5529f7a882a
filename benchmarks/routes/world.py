"""The shops that are measured: servers in processes of their own, tables filled, the product wired to them."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from botocore.session import get_session
from pynamodb.models import Model

from benchmarks.routes.relay import Relay
from benchmarks.routes.scales import Scale
from chalicelib.catalog.model import ProductCopy
from chalicelib.catalog.storage.tables import PRODUCT
from chalicelib.inventory.storage.tables import copy_attributes
from chalicelib.platform import log
from chalicelib.platform.runtime import Runtime
from chalicelib.wiring import Wiring, rewire
from infra.clients import CREDENTIALS, REGION, Client, client
from infra.local import cloud, pump
from infra.local.processes import NotReady, Processes, accepts_connections, free_port
from infra.stack.template import create_tables
from tests.support.people import bearer
from tests.support.servers import start_dynamodb_local
from tests.support.settings import settings_of
from tests.support.shop import START, Shop

RARE_HITS = 6
SMALL_STORE, LARGE_STORE, SEARCHED_STORE, UNSEEN_STORE = 1, 2, 3, 4
SMALL, LARGE = 20, 320
PLENTY = 1_000_000
SENDER, INBOX = "orders@stockroom.example", "inbox@stockroom.example"
# Nothing that was placed while measuring is due again before the end.
LONG_SECONDS = 24 * 3600

_QUEUES = ("order-confirmations", "order-fulfilment", "catalog-changes")


def title(product_id: int, common: int) -> str:
    """Return a product's title; so many of them have a common word, and few a rare one."""
    if product_id <= common:
        return f"Salt and Pepper Mill {product_id:04}"
    if product_id <= common + RARE_HITS:
        return f"Zephyr Lantern {product_id:04}"
    return f"Kettle Steel {product_id:04}"


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs beside us, and the ways to it through the relay and directly."""

    relay: Relay
    dynamodb: str
    direct_dynamodb: str
    cloud: str
    direct_cloud: str
    redis: str


@contextmanager
def servers() -> Iterator[Servers]:
    """Start DynamoDB Local, MiniStack, a Redis if the machine has one, and the relay before them.

    Raises:
        NotReady: something did not start, or DynamoDB Local is not installed.
    """
    # botocore insists on credentials; local servers take any.
    os.environ |= CREDENTIALS | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
    with Processes() as processes:
        dynamodb = start_dynamodb_local(processes)
        if dynamodb is None:
            raise NotReady("needs DynamoDB Local (Java and npm, then `make setup`)")
        ministack = cloud.start_ministack(processes)
        redis = cloud.start_redis(processes)
        upstream = {"dynamodb": _port(dynamodb), "cloud": _port(ministack)}
        if redis:
            upstream["redis"] = _port(redis)
        ports = {name: free_port() for name in ("control", *upstream)}
        services = [f"{name}:{ports[name]}:{port}" for name, port in upstream.items()]
        command = [sys.executable, "-m", "benchmarks.routes.relay", str(ports["control"]), *services]
        processes.start("the relay", command, os.environ)
        for port in (*upstream.values(), *ports.values()):
            processes.wait_until(partial(accepts_connections, port), cloud.START_SECONDS)
        yield Servers(
            relay=Relay(ports["control"]),
            dynamodb=f"http://127.0.0.1:{ports['dynamodb']}",
            direct_dynamodb=dynamodb,
            cloud=f"http://127.0.0.1:{ports['cloud']}",
            direct_cloud=ministack,
            redis=f"redis://127.0.0.1:{ports['redis']}/0" if redis else "",
        )


def _port(url: str) -> int:
    return int(url.rsplit(":", 1)[1].split("/")[0])


@contextmanager
def logging_nowhere() -> Iterator[None]:
    """Let the product write its log as it does in Lambda, to where nobody reads it."""
    stdout, handlers, level = sys.stdout, logging.root.handlers, logging.root.level
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout = nowhere
        try:
            log.configure("INFO", "json")
            yield
        finally:
            sys.stdout = stdout
            logging.root.handlers = handlers
            logging.root.setLevel(level)


class World:
    """One stage: its tables, queues and bucket, and the product wired to them.

    Limits are off: what one costs is a row of its own.

    Args:
        running: the servers.
        stage: a name that no other has.
        scale: how much there is of everything.
    """

    def __init__(self, running: Servers, stage: str, scale: Scale) -> None:
        self.servers = running
        self.scale = scale
        self.sqs = client("sqs", running.direct_cloud)
        self.queues = {
            name: self.sqs.create_queue(QueueName=f"stockroom-{stage}-{name}")["QueueUrl"] for name in _QUEUES
        }
        bucket = f"stockroom-{stage}-snapshots"
        client("s3", running.direct_cloud).create_bucket(Bucket=bucket)
        cloud.verify_sender(running.direct_cloud, SENDER)
        self.dynamodb: Client = get_session().create_client(
            "dynamodb", region_name=REGION, endpoint_url=running.direct_dynamodb
        )
        create_tables(self.dynamodb, stage)
        through = {name: self._through_relay(url) for name, url in self.queues.items()}
        self.settings = settings_of(
            stage,
            aws_endpoint_url=running.cloud,
            aws_endpoint_url_dynamodb=running.dynamodb,
            confirmation_queue_url=through["order-confirmations"],
            fulfilment_queue_url=through["order-fulfilment"],
            catalog_queue_url=through["catalog-changes"],
            snapshot_bucket=bucket,
            redis_url=running.redis,
            mail_sender=SENDER,
            mail_inbox=INBOX,
            order_processing_seconds=0,
            order_processing_lease_seconds=LONG_SECONDS,
            confirmation_retry_seconds=LONG_SECONDS,
            search_refresh_seconds=float(LONG_SECONDS),
            rate_limit_max_request=0,
            auth_rate_limit_max_request=0,
            order_rate_limit_max_request=0,
            suggest_rate_limit_max_request=0,
            bcrypt_cost=scale.bcrypt_cost,
        )
        self.wiring = Wiring(self.settings)
        # Short ways to fill tables, past the relay.
        direct = {
            "aws_endpoint_url": running.direct_cloud,
            "aws_endpoint_url_dynamodb": running.direct_dynamodb,
        }
        self.shop = Shop(settings_of(stage, **direct), Runtime())

    def _through_relay(self, queue_url: str) -> str:
        return f"{self.servers.cloud}/{queue_url.split('/', 3)[3]}"

    def use(self) -> None:
        """Let the application and the workers work on this stage."""
        rewire(self.wiring)

    def fill(self) -> None:
        """Fill the catalogue and the stores."""
        self.shop.add_category(1, "Electronics")
        row: dict[str, Any] = {
            "category_id": 1,
            "category_name": "Electronics",
            "description": "Good for many years.",
        }
        row |= {"created_at": START, "updated_at": START}
        self.save(
            self.shop.products(
                PRODUCT, each, title=title(each, self.scale.common_hits), price=Decimal("10.00"), **row
            )
            for each in range(1, self.scale.products + 1)
        )
        self.add_store(SMALL_STORE, SMALL)
        self.add_store(LARGE_STORE, LARGE)
        self.add_store(SEARCHED_STORE, self.scale.products)
        self.add_store(UNSEEN_STORE, self.scale.unseen)

    def add_store(self, store_id: int, products: int) -> None:
        """Open a store that carries the first so many products; every third is sold out where search looks."""
        self.shop.add_store(store_id)
        self.save(
            self.shop.stock_rows(
                store_id,
                product_id,
                quantity=self._quantity(store_id, product_id),
                supplied=self._quantity(store_id, product_id),
                **copy_attributes(
                    ProductCopy(title(product_id, self.scale.common_hits), Decimal("10.00"), "Electronics")
                ),
            )
            for product_id in range(1, products + 1)
        )

    def _quantity(self, store_id: int, product_id: int) -> int:
        if store_id == SEARCHED_STORE:
            return 0 if product_id % 3 == 0 else 5
        return 1 if (store_id, product_id) == (UNSEEN_STORE, self.scale.unseen) else PLENTY

    def save(self, rows: Iterable[Model]) -> None:
        """Store rows, many a round trip."""
        batches: dict[type[Model], Any] = {}
        with ExitStack() as stack:
            for row in rows:
                kind = type(row)
                if kind not in batches:
                    batches[kind] = stack.enter_context(kind.batch_write())
                batches[kind].save(row)

    def token(self, user_id: int) -> str:
        """Return an access token of a user, whether or not there is such an account."""
        return bearer(self.wiring, user_id)["Authorization"].removeprefix("Bearer ")

    def clear(self, queue: str) -> None:
        """Throw away the messages of a queue."""
        self.sqs.purge_queue(QueueUrl=self.queues[queue])

    def received(self, queue: str, count: int) -> dict[str, Any]:
        """Take so many messages from a queue; return the event that Lambda would make of them.

        Raises:
            LookupError: there are not as many.
        """
        messages: list[dict[str, Any]] = []
        url = self.queues[queue]
        for _ in range(3 * count):
            found = self.sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(10, count - len(messages)),
                WaitTimeSeconds=1,
                AttributeNames=["All"],
            ).get("Messages", [])
            for message in found:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            messages += found
            if len(messages) == count:
                return pump.sqs_event(messages)
        raise LookupError(f"{queue} holds {len(messages)} messages, not {count}")


@contextmanager
def running_world(tell: Callable[[str], None]) -> Iterator[Servers]:
    """Start the servers; wherever the product leaves files, they are gone in the end."""
    tell("starting servers")
    with tempfile.TemporaryDirectory(prefix="stockroom-bench-", ignore_cleanup_errors=True) as folder:
        before = tempfile.tempdir
        tempfile.tempdir = folder
        try:
            with servers() as running:
                yield running
        finally:
            tempfile.tempdir = before
            rewire(None)
