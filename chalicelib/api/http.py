"""The routes about the service itself."""

import msgspec

from chalicelib.api.answers import Answer
from chalicelib.api.health import State
from chalicelib.api.routes import Api, Call
from chalicelib.wiring import wired

root = Api(__name__)


class ServicePayload(msgspec.Struct, frozen=True):
    """What the service is, and paths to begin with."""

    name: str
    description: str
    links: dict[str, str]


class HealthPayload(msgspec.Struct, frozen=True):
    """The state of the whole and of each dependency."""

    status: State
    dependencies: dict[str, State]


_SERVICE = ServicePayload(
    name="Stockroom",
    description="Orders and stock for shops: never oversold, never doubled, nothing lost.",
    links={
        "health": "/health",
        "categories": "/categories",
        "products": "/products",
        "stores": "/stores",
        "search": "/api/search/products",
    },
)


@root.get("/", answers={200: ServicePayload})
def index(_: Call[None, None]) -> Answer[ServicePayload]:
    """Name the service and link to its lists."""
    return Answer(_SERVICE)


@root.get("/health", answers={200: HealthPayload})
def health(_: Call[None, None]) -> Answer[HealthPayload]:
    """Answer while the process is up, with the state of each dependency."""
    dependencies = wired().platform.health.report()
    return Answer(HealthPayload("degraded" if "degraded" in dependencies.values() else "ok", dependencies))
