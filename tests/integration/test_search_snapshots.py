"""From a change of the catalogue to the index that is served, over the local cloud's queue and bucket."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.catalog.propagation.workers import refresh_search, watch_catalog
from chalicelib.errors import Unavailable
from chalicelib.platform.queues.messages import encode
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.search.model import Snapshot
from chalicelib.search.snapshots.bucket import KEPT, SnapshotBucket
from chalicelib.search.snapshots.packing import BrokenSnapshot, describe
from chalicelib.wiring import Wiring, rewire
from infra.local import cloud, pump
from infra.local.processes import Processes
from tests.integration.test_local_cloud import BARE
from tests.support.shop import START

SEED = ["--categories=2", "--products=30", "--stores=2", "--stock-per-store=12"]


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    with Processes() as processes:
        endpoint = cloud.start_ministack(processes)
        yield cloud.variables(endpoint, cloud.create_stack(endpoint), "")


@pytest.fixture(scope="module")
def settings(variables: dict[str, str]) -> Settings:
    return Settings.from_environment(variables)


@pytest.fixture
def sqs(settings: Settings) -> Any:
    return cloud.client("sqs", settings.aws_endpoint_url)


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    wiring = Wiring(settings)
    rewire(wiring)
    yield wiring
    rewire(None)


def deliver(sqs: Any, settings: Settings) -> int:
    received = 0
    while messages := pump.feed_once(sqs, settings.catalog_queue_url, refresh_search, 10, 1):
        received += messages
    return received


def seed(variables: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "infra.ops.seed", *SEED], env=os.environ | variables, check=True, timeout=60
    )


def titles(wiring: Wiring, q: str) -> list[str]:
    return list(wiring.search.live_index.current().suggest(q))


def test_seeding_publishes_the_first_index_by_itself(wiring: Wiring, sqs, settings, variables):
    seed(variables)
    deliver(sqs, settings)
    assert "iPhone 15" in titles(wiring, "iph")

    seed(variables)
    assert deliver(sqs, settings) == 0


def test_a_product_that_is_added_is_found_and_its_edits_reach_search_and_listings(
    wiring: Wiring, sqs, settings, variables
):
    seed(variables)
    added = wiring.catalog.editor.add_product(
        title="Zeppelin", description="Flies.", price=Decimal("99.00"), category_id=1
    )
    wiring.catalog.editor.update_product(10, title="Yacht phone")
    started = time.monotonic()
    deliver(sqs, settings)

    assert time.monotonic() - started < 10
    assert added.id == 31
    assert titles(wiring, "zepp") == ["Zeppelin"]
    assert titles(wiring, "yacht") == ["Yacht phone"]
    assert "Yacht phone" in [stock.copy.title for _, stock in wiring.inventory.stock.listing(1, None, 100)]


def test_a_message_that_got_lost_is_made_up_for_by_the_schedule(wiring: Wiring, sqs, settings):
    wiring.catalog.transactions.raise_version()
    assert watch_catalog(pump.schedule_event(), pump._context(watch_catalog)) == {"queued": 1}
    deliver(sqs, settings)

    published = wiring.search.pointer.read()
    assert published.version == wiring.catalog.transactions.version()
    assert watch_catalog(pump.schedule_event(), pump._context(watch_catalog)) == {"queued": 0}


@pytest.mark.parametrize("function", ["refresh_search", "watch_catalog"])
def test_the_functions_run_without_the_application_around_them(wiring: Wiring, variables, function: str):
    change = CatalogChanged(catalog_version=wiring.catalog.transactions.raise_version())
    messages = [
        {"MessageId": "good", "ReceiptHandle": "r", "Body": encode(change)},
        {"MessageId": "bad", "ReceiptHandle": "r", "Body": "{}"},
    ]
    event, expected = {
        "refresh_search": (pump.sqs_event(messages), '{"batchItemFailures": [{"itemIdentifier": "bad"}]}'),
        "watch_catalog": (pump.schedule_event(), '{"queued": 1}'),
    }[function]
    program = BARE.format(module="chalicelib.catalog.propagation.workers", function=function)
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(event)],
        env=variables, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert f"answer {expected}" in done.stdout.splitlines()


def test_the_bucket_keeps_the_last_few_snapshots(settings: Settings, tmp_path):
    bucket, packed = SnapshotBucket(settings, Retry(Runtime())), tmp_path / "packed"
    described = []
    for version in range(1001, 1007):
        packed.write_bytes(b"%d" % version)
        described.append(describe(packed, version, START))
        bucket.upload(packed, described[-1])
    bucket.drop_before(described[-1])
    assert bucket.drop_before(described[-1]) == 0

    for snapshot in described[-KEPT:]:
        bucket.download(snapshot, packed)
        assert packed.read_bytes() == b"%d" % snapshot.version
    for snapshot in described[:-KEPT]:
        with pytest.raises(Unavailable, match="NoSuchKey"):
            bucket.download(snapshot, packed)


def test_the_bucket_takes_no_content_but_what_was_described(settings: Settings, tmp_path):
    bucket, packed = SnapshotBucket(settings, Retry(Runtime())), tmp_path / "packed"
    packed.write_bytes(b"content")
    whole = describe(packed, 1, START)
    bucket.upload(packed, whole)
    with pytest.raises(BrokenSnapshot):
        bucket.download(Snapshot(1, START, whole.key, 3, whole.sha256), packed)


def test_a_bucket_that_is_not_there_is_unavailable(settings: Settings, tmp_path):
    bucket = SnapshotBucket(
        Settings(aws_endpoint_url=settings.aws_endpoint_url, snapshot_bucket="no-such"), Retry(Runtime())
    )
    packed = tmp_path / "packed"
    packed.write_bytes(b"content")
    with pytest.raises(Unavailable):
        bucket.upload(packed, describe(packed, 1, START))
    with pytest.raises(Unavailable):
        bucket.drop_before(describe(packed, 1, START))
