"""404 and 405 for requests that match no route."""

from collections.abc import Callable, Mapping

from chalice.app import Request, Response

from chalicelib.api import problems

# The template's name for the path under which API Gateway sends every request that matches no route.
CATCH_ALL = "/{proxy+}"


def answer_unmatched(
    routes: Mapping[str, Mapping[str, object]],
) -> Callable[[Request, Callable[[Request], Response]], Response]:
    """Make the middleware that answers unmatched requests: 405 if the path has other methods, else 404.

    Args:
        routes: Chalice's table of the routes, by path and method.
    """

    def answer(request: Request, get_response: Callable[[Request], Response]) -> Response:
        if request.context.get("resourcePath") != CATCH_ALL:
            return get_response(request)
        allowed = _methods(routes, (request.uri_params or {})["proxy"])
        if not allowed:
            return problems.problem(404, *problems.FRAMEWORK_ERRORS[404])
        return problems.problem(405, *problems.FRAMEWORK_ERRORS[405], headers={"Allow": ", ".join(allowed)})

    return answer


def _methods(routes: Mapping[str, Mapping[str, object]], path: str) -> list[str]:
    """Return the methods of the pattern that a path matches; patterns without parameters come first."""
    parts = path.strip("/").split("/")
    for pattern in sorted(routes, key=lambda pattern: pattern.count("{")):
        wanted = pattern.strip("/").split("/")
        if len(wanted) == len(parts) and all(
            want.startswith("{") or want == part for want, part in zip(wanted, parts, strict=True)
        ):
            return list(routes[pattern])
    return []
