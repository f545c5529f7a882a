"""The routes over a shop on moto."""

from collections.abc import Iterator

import pytest

from chalicelib.wiring import Wiring, rewire
from tests.support.api import Api
from tests.support.settings import settings_of
from tests.support.shop import Shop


@pytest.fixture
def api(moto_shop: Shop) -> Iterator[Api]:
    """Yield the routes over an empty shop."""
    yield Api(moto_shop.wiring)
    rewire(None)


@pytest.fixture
def edge() -> Iterator[Api]:
    """Yield the routes with no tables behind them, for what must be refused before anything is read."""
    yield Api(Wiring(settings_of("edge")))
    rewire(None)


@pytest.fixture
def shop(moto_shop: Shop) -> Shop:
    """Return the shop behind the routes: one store with a phone and a television."""
    moto_shop.add_category(1, "Electronics")
    moto_shop.add_store(1, "Stockroom Amsterdam")
    moto_shop.add_stock(1, 10, 7, "iPhone 15", "1000.00")
    moto_shop.add_stock(1, 11, 3, "Samsung TV", "1500.00")
    return moto_shop
