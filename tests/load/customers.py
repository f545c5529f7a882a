"""What customers do: 30 % orders, 40 % search and suggestions, 20 % lists, 10 % accounts."""

import http.client
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.load.figures import NO_ANSWER, Requests
from tests.load.stock import Place, SoldStock

ANSWER_SECONDS = 30.0
PASSWORD = "correct horse"
SORTS = ("relevance", "price", "price_desc", "newest", "title")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; a status of 0 says that there was none."""

    status: int
    body: Any = None
    link: str | None = None
    replayed: bool = False


class Connection:
    """A kept-alive connection that measures what is sent over it."""

    def __init__(self, url: str, requests: Requests) -> None:
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname, parts.port, timeout=ANSWER_SECONDS)
        self._requests = requests

    def call(
        self,
        kind: str,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        expected: Iterable[int] = (200,),
    ) -> Answer:
        """Send a request and note what came of it."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
        began = time.perf_counter()
        try:
            self._http.request(method, path, content, headers)
            response = self._http.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            seconds = time.perf_counter() - began
            self._requests.add(kind, NO_ANSWER, seconds, expected, f"{method} {path}: {error!r}")
            return Answer(NO_ANSWER)
        seconds = time.perf_counter() - began
        what = f"{method} {path.partition('?')[0]} {text[:200]!r}"
        self._requests.add(kind, response.status, seconds, expected, what)
        replayed = response.headers.get("Idempotent-Replayed") == "true"
        return Answer(response.status, json.loads(text or b"null"), response.headers.get("Link"), replayed)

    def close(self) -> None:
        """End the connection."""
        self._http.close()


@dataclass(frozen=True, slots=True)
class World:
    """What there is to buy and to look for, as the product tells it."""

    stock: dict[Place, int]
    titles: list[str]

    @classmethod
    def read(cls, url: str) -> "World":
        """Read all of it."""
        connection = Connection(url, Requests())
        titles = [product["title"] for product in _all(connection, "/products?limit=200")]
        world = cls(read_stock(connection), titles)
        connection.close()
        return world

    def products_of(self, store: int) -> list[int]:
        """Return what a store carries."""
        return [product for at, product in self.stock if at == store]


def read_stock(connection: Connection) -> dict[Place, int]:
    """Return how much of everything is left at this moment."""
    return {
        (store["id"], row["id"]): row["quantity"]
        for store in _all(connection, "/stores?limit=200")
        for row in _all(connection, f"/stores/{store['id']}/inventory")
    }


def _all(connection: Connection, path: str) -> list[dict[str, Any]]:
    found = []
    while path:
        answer = connection.call("reading", "GET", path)
        if answer.status != 200:
            raise ConnectionError(f"GET {path} answered {answer.status}")
        found += answer.body
        path = next_page(answer)
    return found


def next_page(answer: Answer) -> str | None:
    """Return where the next page of a list is, if there is one."""
    return answer.link and answer.link[1 : answer.link.index(">")]


class Customer:
    """One client, who does one thing after the other.

    Args:
        name: tells the customers of all runs apart.
        url: where the product is.
        world: what there is.
        sold: where confirmed and cancelled orders are noted.
        requests: where every request is noted.
        chance: decides what is done.
    """

    def __init__(
        self, name: str, url: str, world: World, sold: SoldStock, requests: Requests, chance: random.Random
    ) -> None:
        self._name = name
        self._url = url
        self._connection = Connection(url, requests)
        self._world = world
        self._shelves = {store: world.products_of(store) for store in {store for store, _ in world.stock}}
        self._sold = sold
        self._chance = chance
        self._registered = 0
        self._keys = 0
        self._access: dict[str, str] = {}
        self._refresh = ""
        self.differences: list[str] = []

    def arrive(self) -> None:
        """Open an account, which is no part of the load: all customers do it at once, and only before it.

        Raises:
            ConnectionError: there is no account to be had.
        """
        measured, self._connection = self._connection, Connection(self._url, Requests())
        self._register()
        self._connection.close()
        self._connection = measured
        if not self._access:
            raise ConnectionError("nobody can register and log in")

    def run(self, until: float) -> None:
        """Go on until this moment of the monotonic clock."""
        actions = (
            (self._store_order, 22), (self._cancelled_order, 4), (self._personal_order, 4),
            (self._search, 28), (self._suggest, 12),
            (self._list, 20),
            (self._me, 5), (self._renew, 3), (self._login, 1.5), (self._register, 0.5),
        )  # fmt: skip
        kinds, weights = zip(*actions, strict=True)
        while time.monotonic() < until:
            self._chance.choices(kinds, weights)[0]()
        self._connection.close()

    def _place(self, headers: dict[str, str], repeated: bool) -> dict[str, Any] | None:
        """Order something; return the order if it was confirmed."""
        store = self._chance.choice(list(self._shelves))
        products = self._chance.sample(self._shelves[store], self._chance.randint(1, 3))
        items = [
            {"product_id": product, "quantity_requested": self._chance.randint(1, 2)} for product in products
        ]
        body = {"store_id": store, "items": items}
        self._keys += 1
        headers = {**headers, "Idempotency-Key": f"{self._name}-{self._keys}"}
        first = self._connection.call("order", "POST", "/orders", body, headers, (200, 201))
        if first.status == 201:
            self._sold.confirmed(first.body)
        if repeated:
            again = self._connection.call("order, repeated", "POST", "/orders", body, headers, (200, 201))
            if (again.status, again.body, again.replayed) != (first.status, first.body, True):
                self.differences.append(f"repeated: {first.body} became {again.body}")
        return first.body if first.status == 201 else None

    def _store_order(self) -> None:
        self._place({}, repeated=self._chance.random() < 0.1)

    def _cancelled_order(self) -> None:
        if order := self._place(self._access, repeated=False):
            path = f"/orders/{order['uid']}/cancel"
            if self._connection.call("cancel", "PATCH", path, headers=self._access).status == 200:
                self._sold.cancelled(order)

    def _personal_order(self) -> None:
        body = {"product_name": "Kettle", "quantity": self._chance.randint(1, 9), "amount": "49.90"}
        placed = self._connection.call("personal order", "POST", "/orders", body, self._access, (201,))
        if placed.status == 201 and self._chance.random() < 0.3:
            # A cancellation that comes too late finds it in processing.
            path = f"/orders/{placed.body['order_id']}/cancel"
            self._connection.call("cancel", "PATCH", path, headers=self._access, expected=(200, 409))

    def _search(self) -> None:
        words = self._chance.choice(self._world.titles).replace(",", "").split()
        query: dict[str, Any] = {
            "q": " ".join(self._chance.sample(words, min(len(words), self._chance.randint(1, 2))))
        }
        if self._chance.random() < 0.5:
            query["store_id"] = self._chance.choice(list(self._shelves))
            query["in_stock"] = "true"
        if self._chance.random() < 0.3:
            query["sort"] = self._chance.choice(SORTS)
        self._connection.call("search", "GET", f"/api/search/products?{urlencode(query)}")

    def _suggest(self) -> None:
        title = self._chance.choice(self._world.titles)
        query = urlencode({"q": title[: self._chance.randint(3, 8)].ljust(3, "a")})
        self._connection.call("suggest", "GET", f"/api/search/suggest?{query}")

    def _list(self) -> None:
        store = self._chance.choice(list(self._shelves))
        path = self._chance.choice(
            (
                f"/stores/{store}/inventory?limit=50", f"/stores/{store}/orders", "/products?limit=50", "/stores",
                "/categories", f"/stores/{store}", f"/products/{self._chance.choice(self._shelves[store])}", "/orders",
            )
        )  # fmt: skip
        own = path == "/orders"
        answer = self._connection.call("list", "GET", path, headers=self._access if own else None)
        if following := next_page(answer):
            self._connection.call("list", "GET", following)

    def _me(self) -> None:
        self._connection.call("account", "GET", "/users/me", headers=self._access)

    def _renew(self) -> None:
        answer = self._connection.call("account", "POST", "/users/token/refresh", {"refresh": self._refresh})
        if answer.status == 200:
            self._access = {"Authorization": f"Bearer {answer.body['access']}"}

    def _register(self) -> None:
        self._registered += 1
        body = {"name": "Ann", "email": self._email, "password": PASSWORD}
        self._connection.call("register", "POST", "/users/register", body, expected=(201,))
        self._login()

    def _login(self) -> None:
        body = {"email": self._email, "password": PASSWORD}
        answer = self._connection.call("login", "POST", "/users/login", body)
        if answer.status == 200:
            self._access = {"Authorization": f"Bearer {answer.body['access']}"}
            self._refresh = answer.body["refresh"]

    @property
    def _email(self) -> str:
        return f"{self._name}-{self._registered}@example.com"
