import threading
import time

import pytest

from chalicelib.platform.dynamodb import database
from chalicelib.platform.dynamodb.database import Database
from chalicelib.platform.retry import Retry
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings


def test_threads_that_start_together_share_one_client(monkeypatch: pytest.MonkeyPatch):
    made, clients, together = [], [], threading.Barrier(8)

    def slowly(*_, **__) -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    monkeypatch.setattr(database, "DynamoDBClient", slowly)
    connection = Database(Settings(), Retry(Runtime())).connection

    def first_use() -> None:
        together.wait(10)
        clients.append(connection.client)

    threads = [threading.Thread(target=first_use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert clients == made * 8
