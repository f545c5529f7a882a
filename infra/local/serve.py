"""`chalice local`, with what API Gateway does around the application in a deployed stage.

Chalice's own development server answers an unknown path by itself, as an API Gateway without gateway
responses would. This one answers as the deployed stage does.
"""

import argparse
import functools
import http.server
import logging
import re
import signal
import sys
import uuid
from pathlib import Path
from typing import Any

from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, RouteMatcher

from chalicelib.api import problems
from chalicelib.api.answers import COMMON_HEADERS
from chalicelib.platform import log
from chalicelib.wiring import wired

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Connections waiting to be accepted; Python's default of 5 makes a burst of clients wait for a second.
BACKLOG = 128
# API Gateway takes no larger body (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
MAX_BODY_BYTES = 10 * 1024 * 1024
# How long a client may be silent in the middle of a request, or between two on a kept-alive connection.
CLIENT_SECONDS = 30.0

# More digits are no length, and Python refuses to read some thousands of them.
_LENGTH = re.compile(r"[0-9]{1,19}")

logger = logging.getLogger(__name__)


class Gateway(ChaliceRequestHandler):
    """Answers requests as API Gateway in front of the application would."""

    # Headers and body leave in two writes, which Nagle's algorithm would keep 40 ms apart.
    disable_nagle_algorithm = True

    def __init__(self, *arguments: Any, routes: RouteMatcher, client_seconds: float, **options: Any) -> None:
        self._routes = routes
        self.timeout = client_seconds
        super().__init__(*arguments, **options)

    def answer(self) -> None:
        """Answer one request: the client gets a response in every case."""
        # Two lengths that differ would let one reader see a request where another sees a body.
        lengths = set(self.headers.get_all("content-length", ["0"]))
        length = lengths.pop()
        if lengths or "transfer-encoding" in self.headers or not _LENGTH.fullmatch(length):
            self._refuse(411, "length_required", "Say how long the body is, in Content-Length.")
        elif int(length) > MAX_BODY_BYTES:
            self._refuse(413, "too_large", f"The body may have {MAX_BODY_BYTES} bytes at the most.")
        elif self.command == "OPTIONS" or not self._is_known():
            # No route allows CORS, but Chalice would answer OPTIONS as if one did.
            self._refuse(404, "not_found", "There is nothing at this address.")
        else:
            try:
                self._generic_handle()
            except TimeoutError:
                self._refuse(408, "request_timeout", "The body did not arrive in time.")
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            except Exception:
                logger.exception("The gateway failed")
                self._refuse(500, "internal_error", "Something went wrong on our side.")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def send_error(self, code: int, *_: str | None) -> None:
        """Refuse what http.server cannot parse, as a problem like all errors."""
        status = http.HTTPStatus(code)
        # What is no HTTP counts as HTTP/0.9, whose answers have no headers.
        self.request_version = self.protocol_version
        self._refuse(
            code, status.name.lower(), f"This is not a request that can be answered: {status.phrase}."
        )

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the application logs the requests that reach it, and `_refuse` the others."""

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Log what http.server says of a connection, such as that its client fell silent."""
        logger.debug(format, *arguments)

    def version_string(self) -> str:
        """Return what the Server header says."""
        return "Stockroom"

    def _is_known(self) -> bool:
        try:
            self._routes.match_route(self.path)
        except ValueError:
            return False
        return True

    def _refuse(self, status: int, code: str, detail: str) -> None:
        # The body was not read, so the connection cannot carry another request.
        self.close_connection = True
        request_id = str(uuid.uuid4())
        token = log.request_id.set(request_id)
        response = problems.problem(
            status,
            code,
            detail,
            headers={**COMMON_HEADERS, "X-Request-Id": request_id, "Connection": "close"},
        )
        # As the application logs a request: with no query, where a caller may have put a secret.
        logger.info("%s %d", " ".join(self.requestline.split("?")[0].split()[:2]), status)
        log.request_id.reset(token)
        self._send_http_response(status, response.headers, response.body)

    def _send_http_response(self, code: int, headers: Any, body: str | bytes | None) -> None:
        if self.command != "HEAD":
            super()._send_http_response(code, headers, body)
            return
        # An answer to HEAD ends with its head (RFC 9110, 9.3.2): a body would be read as the next answer.
        self.send_response(code)
        self._send_headers(headers)


def make_server(port: int, stage: str, client_seconds: float = CLIENT_SECONDS) -> http.server.HTTPServer:
    """Make the server, listening but not yet serving.

    Args:
        port: where it listens.
        stage: the stage in `.chalice/config.json`.
        client_seconds: how long a client may be silent before it is let go.
    """
    factory = CLIFactory(str(PROJECT))
    config = factory.create_config_obj(chalice_stage_name=stage)
    server: http.server.HTTPServer = factory.create_local_server(
        config.chalice_app, config, HOST, port
    ).server
    server.RequestHandlerClass = functools.partial(
        Gateway,
        app_object=config.chalice_app,
        config=config,
        routes=RouteMatcher(list(config.chalice_app.routes)),
        client_seconds=client_seconds,
    )
    server.socket.listen(BACKLOG)
    return server


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.serve", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stage", default="local")
    parser.add_argument(
        "--client-seconds", type=float, default=CLIENT_SECONDS, help="how long a client may be silent (30)"
    )
    options = parser.parse_args()
    sys.path.insert(0, str(PROJECT))
    # Logging is set up before the first request, which may not reach the application.
    wired()
    # An exit in good order lets the search index take its folder with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    make_server(options.port, options.stage, options.client_seconds).serve_forever()


if __name__ == "__main__":
    main()
