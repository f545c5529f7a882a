"""Search against `make run`: what is added is found, what is sold out is not."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from infra.ops.seed.catalogue import Catalogue, Volumes
from tests.e2e.client import eventually
from tests.e2e.running import PROJECT, Running


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    running = Running(SUGGEST_RATE_LIMIT_MAX_REQUEST="0")
    yield running
    assert running.stop()


def test_a_product_that_is_added_is_found_within_ten_seconds(running: Running):
    added = Catalogue(Volumes(products=1201), 2025).product(1201)
    path = f"/api/search/products?q={added.title.replace(' ', '+').replace('&', '%26')}&sort=newest"
    assert added.id not in [found["id"] for found in running.call("GET", path)[2]["results"]]

    variables = re.search(r"^  (STAGE=.*?) \.venv", running.output, re.MULTILINE)[1]
    environment = dict(pair.split("=", 1) for pair in variables.replace("'", "").split())
    command = [sys.executable, "-m", "infra.ops.seed", "--products", "1201"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=60)

    assert eventually(
        lambda: added.id in [found["id"] for found in running.call("GET", path)[2]["results"]], 10
    )


def test_the_last_units_of_a_product_are_gone_from_search_at_once(running: Running):
    path = "/api/search/products?q=charger+adapter&store_id=1&in_stock=true"
    status, _, found = running.call("GET", path)
    assert (status, [product["id"] for product in found["results"]]) == (200, [13])
    left = found["results"][0]["quantity"]
    order = {"store_id": 1, "items": [{"product_id": 13, "quantity_requested": left}]}
    assert running.call("POST", "/orders", order)[0] == 201

    assert running.call("GET", path)[2]["count"] == 0
