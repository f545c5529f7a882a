"""The operators' command that splits the stock of a hot product."""

import os
import subprocess
import sys

import pytest

from tests.simulator.invariants import violations
from tests.support.shop import Shop


@pytest.fixture
def shop(dynamodb_shop: Shop) -> Shop:
    dynamodb_shop.add_category(1, "Electronics")
    dynamodb_shop.add_store(1)
    dynamodb_shop.add_stock(1, 10, 10)
    return dynamodb_shop


def command(shop: Shop, *options: str) -> tuple[int, str]:
    """Run the command; return its exit status and what it said."""
    settings = shop.wiring.settings
    environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": settings.aws_endpoint_url_dynamodb}
    done = subprocess.run(
        [sys.executable, "-m", "infra.ops.reshard", "--stage", settings.stage, *options],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def reshard(shop: Shop, shards: int) -> tuple[int, str]:
    return command(shop, "--store", "1", "--product", "10", "--shards", str(shards))


def test_stock_is_split_listed_and_joined(shop: Shop):
    split = "Store 1, product 10: 10 units in 4 shards (4 + 2 + 2 + 2).\n"
    assert command(shop, "--list") == (0, "0 split.\n")
    assert reshard(shop, 4) == (0, split)
    assert command(shop, "--list") == (0, f"{split}1 split.\n")
    assert reshard(shop, 1) == (0, "Store 1, product 10: 10 units in one row.\n")
    assert shop.quantity(1, 10) == 10
    assert violations(shop) == []


def test_what_cannot_be_done_is_said_with_its_reason(shop: Shop):
    options = ("--store", "1", "--product", "404", "--shards", "8")
    assert command(shop, *options) == (1, "Not done: Store 1 does not carry product 404.\n")
    status, said = command(shop, *options, "--stage", "nowhere")
    assert status == 1
    assert "do the tables of stage nowhere exist?" in said


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "name --store, --product and --shards, or --list alone"),
        (("--list", "--store", "1"), "name --store, --product and --shards, or --list alone"),
        (("--store", "1", "--product", "10"), "name --store, --product and --shards, or --list alone"),
        (("--store", "1", "--product", "10", "--shards", "51"), "argument --shards: must be from 1 to 50"),
        (("--store", "0", "--product", "10", "--shards", "2"), "argument --store: must be from 1 to"),
    ],
)
def test_options_that_say_too_little_or_too_much_are_refused(
    shop: Shop, options: tuple[str, ...], reason: str
):
    status, said = command(shop, *options)
    assert status == 2
    assert reason in said
