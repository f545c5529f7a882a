"""The HTTP edge: what happens around every route, written once."""

import functools
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from chalice import Blueprint
from chalice.app import Request, Response

from chalicelib import log
from chalicelib.api import problems
from chalicelib.errors import StockroomError

View = Callable[..., Response]

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

logger = logging.getLogger(__name__)


class Api(Blueprint):
    """A blueprint whose routes take the request and answer domain errors as problems.

    A view is called with the request, then the path parameters by name.
    """

    def route(self, path: str, methods: Sequence[str] = ("GET",), **options: Any) -> Callable[[View], View]:
        """Register a view, as Chalice's `route` does, inside the error handling of this API."""
        options.setdefault("content_types", ["application/json"] if _WITH_BODY.intersection(methods) else [])
        register = super().route(path, methods=list(methods), **options)

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def guarded(**parameters: str) -> Response:
                try:
                    return view(self.current_request, **parameters)
                except StockroomError as error:
                    logger.info("Refused: %s: %s", error.code, error)
                    return problems.problem_of(error)
                except Exception:
                    logger.exception("Unforeseen error")
                    return problems.unforeseen()

            register(guarded)
            return view

        return decorate


def shape_framework_errors(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: give every response its request id, the framework's own errors our shape, and log it."""
    request_id = request.context.get("requestId") or request.lambda_context.aws_request_id
    token = log.request_id.set(request_id)
    started = time.perf_counter()
    try:
        response = get_response(request)
        if response.status_code >= 400 and not _is_problem(response):
            response = problems.problem_of_framework(response)
        response.headers["X-Request-Id"] = request_id
        logger.info(
            "%s %s %d",
            request.method,
            request.path,
            response.status_code,
            extra={"milliseconds": round((time.perf_counter() - started) * 1000, 1)},
        )
        return response
    finally:
        log.request_id.reset(token)


def _is_problem(response: Response) -> bool:
    return response.headers.get("Content-Type") == problems.CONTENT_TYPE
