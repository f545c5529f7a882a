"""`make run`: the whole product on this machine, without Docker and without an AWS account.

Starts MiniStack as the local cloud, creates tables and queues in it, fills it with shops and products,
serves the API, and runs the queue and scheduled functions. It prints one line until it is ready, then a line
a request; with LOG_FORMAT=json what is logged when deployed. Ctrl-C stops all of it.
"""

import argparse
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import StockroomError
from chalicelib.platform.settings import InvalidSettings, Settings
from chalicelib.wiring import Wiring
from infra.commands import fail, steps
from infra.local import cloud
from infra.local.processes import NotReady, Processes, accepts_connections, is_free
from infra.ops.seed.catalogue import DEFAULT_SEED, Catalogue, Volumes
from infra.ops.seed.writer import SeedWriter

DEFAULT_PORT = 8000
DEFAULT_SCHEDULE_SECONDS = 120.0
SERVE_SECONDS = 60.0
WATCH_SECONDS = 0.5


class Stopped(Exception):
    """Ctrl-C or a signal asks us to stop."""


def main() -> int:
    """Run until asked to stop; the exit status is 1 when something failed."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if not is_free(options.port):
        return fail(f"Port {options.port} is in use. Choose another: make run PORT={options.port + 1}")
    # Our own cloud is meant, whichever other one the environment names.
    os.environ.pop("AWS_ENDPOINT_URL", None)
    os.environ["LOG_FORMAT"] = os.environ.get("LOG_FORMAT") or "text"
    try:
        with Processes() as processes:
            with steps("Starting Stockroom on this machine ...") as step:
                ready = _start(processes, options, step)
            print(ready, flush=True)
            while not (ended := processes.ended()):
                threading.Event().wait(WATCH_SECONDS)
            raise NotReady(f"{ended} ended by itself")
    except Stopped:
        print("Stockroom has stopped.", flush=True)
        return 0
    except (NotReady, InvalidSettings, StockroomError) as error:
        return fail(f"Stockroom could not go on: {error}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=_number("PORT", DEFAULT_PORT), help="the API's port (PORT, 8000)"
    )
    parser.add_argument(
        "--schedule-seconds",
        type=float,
        default=_number("SCHEDULE_SECONDS", DEFAULT_SCHEDULE_SECONDS),
        help="time between two runs of the scheduled function (SCHEDULE_SECONDS, 120)",
    )
    options = parser.parse_args()
    if not 0 < options.port < 65536:
        parser.error(f"PORT must be from 1 to 65535, not {options.port}")
    if not 0 < options.schedule_seconds <= threading.TIMEOUT_MAX:
        parser.error(f"SCHEDULE_SECONDS must be above 0, not {options.schedule_seconds:g}")
    return options


def _number(variable: str, default: float) -> str:
    # argparse converts and checks a default that is a string, as it does what the user types.
    return os.environ.get(variable) or str(default)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Asked once is enough: a second signal must not interrupt the stopping.
    for ignored in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    raise Stopped


def _start(processes: Processes, options: argparse.Namespace, step: Callable[[str], None]) -> str:
    """Start everything; return what people should know of it, once it answers."""
    step("the local cloud")
    endpoint = cloud.start_ministack(processes)
    step("tables and queues")
    outputs = cloud.create_stack(endpoint)
    redis_url = os.environ.get("REDIS_URL") or cloud.start_redis(processes)
    variables = cloud.variables(endpoint, outputs, redis_url)
    cloud.verify_sender(endpoint, variables["MAIL_SENDER"])
    os.environ.update(variables)
    step("shops and products")
    _fill(Settings.from_environment())
    step("the API and the functions")
    serve = [sys.executable, "-m", "infra.local.serve", "--port", str(options.port)]
    pump = [sys.executable, "-m", "infra.local.pump", "--schedule-seconds", f"{options.schedule_seconds:g}"]
    processes.start("the queue functions", pump, os.environ)
    processes.start("the API", serve, os.environ)
    processes.wait_until(lambda: accepts_connections(options.port), SERVE_SECONDS)
    by_hand = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items() if value)
    return (
        f"To run the API by hand against this local cloud:\n"
        f"  {by_hand} .venv/bin/chalice local --stage local --port {options.port + 1}\n"
        f"E-mails it sent: {endpoint}/_ministack/ses/messages\n"
        f"Redis: {redis_url or 'none found, going without'}\n"
        f"Stockroom is ready on http://127.0.0.1:{options.port} (Ctrl-C stops it)"
    )


def _fill(settings: Settings) -> None:
    """Write shops and products, and publish their search index.

    A queue function publishes later ones. The first is there before the API starts, so that no request finds
    the search without an index.
    """
    wiring = Wiring(settings)
    writer = SeedWriter(wiring.platform.bulk_database)
    writer.write(Catalogue(Volumes(), DEFAULT_SEED), lambda _: None)
    wiring.search.publisher.follow([CatalogChanged(catalog_version=wiring.catalog.transactions.version())])


if __name__ == "__main__":
    sys.exit(main())
