"""What tests of the HTTP interface may ask for."""

from collections.abc import Iterator

import pytest

from chalicelib.wiring import Wiring, rewire
from tests.support.api import Api
from tests.support.settings import settings_of
from tests.support.shop import Shop


@pytest.fixture
def api(moto_shop: Shop) -> Iterator[Api]:
    """Yield the application on an empty shop."""
    yield Api(moto_shop.wiring)
    rewire(None)


@pytest.fixture
def edge() -> Iterator[Api]:
    """Yield the application with no tables behind it, for what must be refused before anything is read."""
    yield Api(Wiring(settings_of("edge")))
    rewire(None)
