"""The routes about the service itself."""

from chalice.app import Request, Response

from chalicelib.api.answers import json_response
from chalicelib.api.routes import Api
from chalicelib.wiring import wired

root = Api(__name__)


@root.route("/")
def index(request: Request) -> Response:
    """Name the service and link to what there is to read."""
    return json_response(
        {
            "name": "Stockroom",
            "description": "Orders and stock for shops: never oversold, never doubled, nothing lost.",
            "links": {
                "health": "/health",
                "categories": "/categories",
                "products": "/products",
                "stores": "/stores",
                "search": "/api/search/products",
            },
        }
    )


@root.route("/health")
def health(request: Request) -> Response:
    """Say that the process is up, and how each dependency is."""
    dependencies = wired().platform.health.report()
    status = "degraded" if "degraded" in dependencies.values() else "ok"
    return json_response({"status": status, "dependencies": dependencies})
