"""`make run`: the whole product on this machine, without Docker and without an AWS account.

Starts MiniStack as the local cloud, creates tables and queues in it, fills it with shops and products,
serves the API, and runs the queue and scheduled functions. Ctrl-C stops all of it.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from types import FrameType

from infra.local import cloud
from infra.local.processes import NotReady, Processes, accepts_connections, is_free

DEFAULT_PORT = 8000
DEFAULT_SCHEDULE_SECONDS = 120.0
SERVE_SECONDS = 60.0
WATCH_SECONDS = 0.5


class Stopped(Exception):
    """Somebody asked us to stop."""


def main() -> int:
    """Run until asked to stop; the exit status is 1 when something failed."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if not is_free(options.port):
        print(
            f"Port {options.port} is in use. Choose another: make run PORT={options.port + 1}",
            file=sys.stderr,
        )
        return 1
    # Our own cloud is meant, whichever other one the environment names.
    os.environ.pop("AWS_ENDPOINT_URL", None)
    try:
        with Processes() as processes:
            _start(processes, options)
            while not (ended := processes.ended()):
                threading.Event().wait(WATCH_SECONDS)
            raise NotReady(f"{ended} ended by itself")
    except Stopped:
        print("Stockroom has stopped.", flush=True)
        return 0
    except (NotReady, subprocess.CalledProcessError) as error:
        print(f"Stockroom could not go on: {error}.", file=sys.stderr)
        return 1


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


def _start(processes: Processes, options: argparse.Namespace) -> None:
    print("Starting the local cloud ...", flush=True)
    endpoint = cloud.start_ministack(processes)
    outputs = cloud.create_stack(endpoint)
    redis_url = os.environ.get("REDIS_URL") or cloud.start_redis(processes)
    variables = cloud.variables(endpoint, outputs, redis_url)
    cloud.verify_sender(endpoint, variables["MAIL_SENDER"])
    environment = os.environ | variables
    subprocess.run([sys.executable, "-m", "infra.ops.seed"], env=environment, check=True)
    processes.start(
        "the API",
        [sys.executable, "-m", "infra.local.serve", "--port", str(options.port)],
        environment,
    )
    processes.wait_until(lambda: _answers(options.port, "/health"), SERVE_SECONDS)
    processes.start(
        "the queue functions",
        [sys.executable, "-m", "infra.local.pump", "--schedule-seconds", f"{options.schedule_seconds:g}"],
        environment,
    )
    # The first snapshot is published by a queue function; before that, search asks for patience.
    processes.wait_until(lambda: _answers(options.port, "/api/search/products"), SERVE_SECONDS)
    by_hand = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items() if value)
    print(
        f"To run the API by hand against this local cloud:\n"
        f"  {by_hand} .venv/bin/chalice local --stage local --port {options.port + 1}\n"
        f"E-mails it sent: {endpoint}/_ministack/ses/messages\n"
        f"Redis: {redis_url or 'none found, going without'}\n"
        f"Stockroom is ready on http://127.0.0.1:{options.port} (Ctrl-C stops it)",
        flush=True,
    )


def _answers(port: int, path: str) -> bool:
    if not accepts_connections(port):
        return False
    try:
        url = f"http://127.0.0.1:{port}{path}"
        # The address is always one of this machine.
        with urllib.request.urlopen(url, timeout=30) as answer:  # nosec B310
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError):
        return False


if __name__ == "__main__":
    sys.exit(main())
