"""`chalice local`, with what API Gateway does around the application in a deployed stage.

Chalice's own development server answers an unknown path by itself, as an API Gateway without gateway
responses would. This one answers as the deployed stage does.
"""

import argparse
import functools
import logging
import signal
import sys
import uuid
from pathlib import Path
from typing import Any

from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, LocalDevServer, RouteMatcher

from chalicelib import log
from chalicelib.api import problems

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Connections waiting to be accepted; Python's default of 5 makes a burst of clients wait for a second.
BACKLOG = 128
# API Gateway takes no larger body (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
MAX_BODY_BYTES = 10 * 1024 * 1024


class Gateway(ChaliceRequestHandler):
    """Answers requests as API Gateway in front of the application would."""

    # Headers and body leave in two writes, which Nagle's algorithm would keep 40 ms apart.
    disable_nagle_algorithm = True

    def __init__(self, *arguments: Any, routes: RouteMatcher, **options: Any) -> None:
        self._routes = routes
        super().__init__(*arguments, **options)

    def answer(self) -> None:
        """Answer one request; whatever happens, the client gets a response."""
        length = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._refuse(411, "length_required", "Say how long the body is, in Content-Length.")
        elif int(length) > MAX_BODY_BYTES:
            self._refuse(413, "too_large", f"The body may have {MAX_BODY_BYTES} bytes at the most.")
        elif not self._is_known():
            self._refuse(404, "not_found", "There is nothing at this address.")
        else:
            try:
                self._generic_handle()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            except Exception:
                logging.getLogger(__name__).exception("The gateway failed")
                self._refuse(500, "internal_error", "Something went wrong on our side.")

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

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
            status, code, detail, headers={"X-Request-Id": request_id, "Connection": "close"}
        )
        log.request_id.reset(token)
        self._send_http_response(status, response.headers, response.body)


def make_server(port: int, stage: str) -> LocalDevServer:
    """Make the server, listening but not yet serving."""
    factory = CLIFactory(str(PROJECT))
    config = factory.create_config_obj(chalice_stage_name=stage)
    server = factory.create_local_server(config.chalice_app, config, HOST, port)
    server.server.RequestHandlerClass = functools.partial(
        Gateway,
        app_object=config.chalice_app,
        config=config,
        routes=RouteMatcher(list(config.chalice_app.routes)),
    )
    server.server.socket.listen(BACKLOG)
    return server


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.serve", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stage", default="local")
    options = parser.parse_args()
    sys.path.insert(0, str(PROJECT))
    # An exit in good order lets the search index take its folder with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    make_server(options.port, options.stage).serve_forever()


if __name__ == "__main__":
    main()
