"""The routes over a shop on moto, directly and through a socket."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import api, edge, shop  # noqa: F401 - the same routes and the same shop
from tests.support.served import Served


@pytest.fixture
def served(edge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:  # noqa: F811
    """Yield the local gateway, with no tables behind it."""
    # Chalice writes its stage's variables into the environment when it loads the application.
    monkeypatch.setenv("STAGE", "local")
    served = Served()
    yield served
    served.stop()
