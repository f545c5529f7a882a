"""The routes over a shop on moto, and the local gateway behind a socket."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import api, edge, shop  # noqa: F401 - the same routes over the same shop
from tests.support.served import Served


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Yield the local gateway; where a cloud is asked for, there is none."""
    served = Served()
    yield served
    served.stop()
