"""The HTTP edge: what happens around every route, written once."""

import functools
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.api import problems, rate_limits
from chalicelib.api.access import Access, count, identify
from chalicelib.api.answers import COMMON_HEADERS
from chalicelib.errors import RateLimited, StockroomError
from chalicelib.platform import log

View = Callable[..., Response]

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

logger = logging.getLogger(__name__)


class Api(Blueprint):
    """A blueprint whose routes say who may call them, and answer domain errors as problems."""

    def route(
        self, path: str, methods: Sequence[str] = ("GET",), *, access: Access = Access.PUBLIC, **options: Any
    ) -> Callable[[View], View]:
        """Register a view, as Chalice's `route` does, inside the policies of this API.

        A view is called with the request, with the caller if its access names one, and with the path
        parameters by name.
        """
        options.setdefault("content_types", ["application/json"] if _WITH_BODY.intersection(methods) else [])
        register = super().route(path, methods=list(methods), **options)

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def guarded(**parameters: str) -> Response:
                return _answer(view, access, self.current_request, parameters)

            register(guarded)
            return view

        return decorate


def _answer(view: View, access: Access, request: Request, parameters: dict[str, str]) -> Response:
    quota: dict[str, str] = {}
    try:
        caller = identify(access, request)
        if decision := count(access, request, caller):
            quota = rate_limits.headers(decision)
            if not decision.allowed:
                raise RateLimited(f"Too many requests; try again in {decision.retry_after_seconds} s.")
        arguments = (request, caller) if access.names_caller else (request,)
        response = view(*arguments, **parameters)
    except StockroomError as error:
        logger.info("Refused: %s: %s", error.code, error)
        response = problems.problem_of(error)
    except Exception:
        logger.exception("Unforeseen error")
        response = problems.unforeseen()
    response.headers.update(quota)
    return response


def shape_framework_errors(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: give responses their common headers, the framework's own errors our shape, and log them."""
    request_id = request.context.get("requestId") or request.lambda_context.aws_request_id
    token = log.request_id.set(request_id)
    started = time.perf_counter()
    try:
        response = get_response(request)
        if response.status_code >= 400 and not _is_problem(response):
            response = problems.problem_of_framework(response)
        response.headers |= {**COMMON_HEADERS, "X-Request-Id": request_id}
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
