"""What end-to-end tests share."""

from collections.abc import Iterator

import pytest

from tests.e2e.running import Running


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """Yield the product that `make run` started, for all tests that do not need one of their own."""
    running = Running(
        LOG_FORMAT="json",
        SCHEDULE_SECONDS="2",
        ORDER_PROCESSING_SECONDS="1",
        BCRYPT_COST="4",
        SUGGEST_RATE_LIMIT_MAX_REQUEST="0",
    )
    yield running
    assert running.stop()
