"""What every response gets, also without a view: its id, common headers, error shape, log entry."""

import logging
import time
from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.api import problems
from chalicelib.api.answers import COMMON_HEADERS
from chalicelib.platform import log

logger = logging.getLogger(__name__)


def finish_response(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: add the common headers, turn Chalice's own errors into problems, and log the request."""
    lambda_id = getattr(request.lambda_context, "aws_request_id", "unknown")
    request_id = str(request.context.get("requestId") or lambda_id)
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
