"""The routes about the service itself."""

from types import SimpleNamespace

from tests.support.api import Api
from tests.support.search import index_of
from tests.support.shop import Shop


def test_the_root_names_the_service_and_its_links_work(api: Api, shop: Shop):
    index = index_of([])
    shop.rewire(live_index=SimpleNamespace(current=lambda: index))
    answer = api.get("/").json
    assert answer["name"] == "Stockroom"
    for path in answer["links"].values():
        assert api.get(path).status == 200


def test_health_names_each_dependency(api: Api, moto_shop: Shop):
    moto_shop.rewire(confirmation_queue=Pong())
    assert api.get("/health").json == {"status": "ok", "dependencies": {"database": "ok", "queue": "ok"}}


def test_health_is_200_while_the_process_is_up_and_says_what_is_degraded(api: Api, moto_shop: Shop):
    moto_shop.rewire(confirmation_queue=Pong(OSError("no route")))
    answer = api.get("/health")

    assert answer.status == 200
    assert answer.json == {"status": "degraded", "dependencies": {"database": "ok", "queue": "degraded"}}


class Pong:
    """A queue that answers a ping, or fails it."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def ping(self) -> None:
        if self._error:
            raise self._error
