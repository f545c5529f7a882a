"""What is asked of addresses and methods that no route is for."""

from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Request, Response

from chalicelib.api import problems

# What the template calls the path that API Gateway sends everything to that is no route's.
CATCH_ALL = "/{proxy+}"


def answer_the_rest(
    routes: Mapping[str, Mapping[str, Any]],
) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """Make the middleware that answers what no route is for: 404, or 405 if another method would do.

    Args:
        routes: Chalice's table of the routes, by path and method.
    """

    def answer(request: Request, get_response: Callable[[Request], Response]) -> Response:
        if request.context.get("resourcePath") != CATCH_ALL:
            return get_response(request)
        allowed = _methods(routes, request.uri_params["proxy"])
        if not allowed:
            return problems.problem(404, *problems.FRAMEWORK_ERRORS[404])
        return problems.problem(405, *problems.FRAMEWORK_ERRORS[405], headers={"Allow": ", ".join(allowed)})

    return answer


def _methods(routes: Mapping[str, Mapping[str, Any]], address: str) -> list[str]:
    """Return the methods of the routes whose pattern an address has, those without parameters first."""
    parts = address.strip("/").split("/")
    for pattern in sorted(routes, key=lambda pattern: pattern.count("{")):
        wanted = pattern.strip("/").split("/")
        if len(wanted) == len(parts) and all(
            want.startswith("{") or want == part for want, part in zip(wanted, parts, strict=True)
        ):
            return list(routes[pattern])
    return []
