"""`make load`: a mixed load on the whole product, and what must hold meanwhile.

Customers order, search, look at lists and use their accounts, all at once. At the end a table says how long
requests took and what the API's process held; the exit status is 1 if there was an unexpected status
(such as a 5xx), if memory or open files grew, or if sold and left do not add up to what was seeded.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO
from urllib.parse import urlsplit

import psutil

from chalicelib.platform.settings import LOCAL_STAGE
from infra.local.processes import NotReady, Processes, free_port
from tests.load.customers import Connection, Customer, World, read_stock
from tests.load.figures import GROWTH_SECONDS, Requests, Sample, growth
from tests.load.stock import SoldStock

START_SECONDS = 120.0
RECONCILE_SECONDS = 300.0
SAMPLE_SECONDS = 1.0
PROGRESS_SECONDS = 10
MAX_SHOWN = 10
BEGINNING_BYTES = 10_000
# So many that no limit is reached, and yet every request is counted as it always is.
UNLIMITED = {
    "RATE_LIMIT_MAX_REQUEST": "1000000",
    "RATE_LIMIT_WINDOW_SECONDS": "10",
    "AUTH_RATE_LIMIT_MAX_REQUEST": "1000000",
    "ORDER_RATE_LIMIT_MAX_REQUEST": "1000000",
    "SUGGEST_RATE_LIMIT_MAX_REQUEST": "1000000",
}


def main() -> int:
    """Run the load; the exit status is 1 when something did not hold."""
    options = _options()
    print(f"Seed {options.seed}: {options.clients} clients for {options.seconds} s.", flush=True)
    with tempfile.TemporaryFile() as output, Processes() as processes:
        try:
            url = options.url or _start(processes, output)
            violations = run(url, options.seconds, options.clients, options.seed)
            if not options.url:
                violations += _reconcile(_endpoint(output))
        except (NotReady, ConnectionError) as error:
            print(f"The product could not be used: {error}.", file=sys.stderr)
            return 1
        if violations:
            _show_errors(output)
    print(f"{len(violations)} violations.")
    return 1 if violations else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=300, help="how long the load lasts (300)")
    parser.add_argument("--clients", type=int, default=16, help="how many customers there are at once (16)")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="decides what they do")
    parser.add_argument(
        "--url",
        default="",
        help="a product that runs on this machine already, with its limits off and nobody else ordering; "
        "by default one is started",
    )
    options = parser.parse_args()
    if options.seconds < 1 or options.clients < 1:
        parser.error("seconds and clients must be above 0")
    return options


def _start(processes: Processes, output: IO[bytes]) -> str:
    port = free_port()
    print("Starting the product ...", flush=True)
    processes.start(
        "the product",
        [sys.executable, "-m", "infra.local", "--port", str(port)],
        os.environ | UNLIMITED | {"LOG_FORMAT": "json"},
        output,
    )
    url = f"http://127.0.0.1:{port}"
    processes.wait_until(lambda: b"Stockroom is ready" in _beginning(output), START_SECONDS)
    return url


def _beginning(output: IO[bytes]) -> bytes:
    # Reading from the file would move the position that the product writes at.
    return os.pread(output.fileno(), BEGINNING_BYTES, 0)


def _endpoint(output: IO[bytes]) -> str:
    """Return the URL of the local cloud, which the product prints among its variables."""
    return re.search(rb"AWS_ENDPOINT_URL=(\S+)", _beginning(output))[1].decode()


def _reconcile(endpoint: str) -> list[str]:
    """Let the operators' command look for anything lost or doubled."""
    command = [sys.executable, "-m", "infra.ops.reconcile", "--stage", LOCAL_STAGE, "--endpoint", endpoint]
    done = subprocess.run(command, capture_output=True, text=True, timeout=RECONCILE_SECONDS, check=False)
    print(f"\n{done.stdout.rstrip()}")
    return [f"reconcile: {done.stdout}{done.stderr}"] if done.returncode else []


def run(url: str, seconds: int, clients: int, seed: int) -> list[str]:
    """Let customers loose on the product, print what happened, and return what did not hold."""
    world = World.read(url)
    sold, requests = SoldStock(world.stock), Requests()
    # Accounts and keys of another run against the same product must not be these.
    run_id = uuid.uuid4().hex[:8]
    customers = [
        Customer(f"{run_id}-{number}", url, world, sold, requests, random.Random(f"{seed}:{number}"))
        for number in range(clients)
    ]
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(Customer.arrive, customers))
    began = time.monotonic()
    threads = [threading.Thread(target=customer.run, args=(began + seconds,)) for customer in customers]
    for thread in threads:
        thread.start()
    samples = _watch(_process_listening_on(urlsplit(url).port), threads, requests, began)
    taken = time.monotonic() - began
    _print_table(requests, samples, taken, sold)

    violations = [f"{count} times {what}" for what, count in requests.unexpected.most_common()]
    violations += [difference for customer in customers for difference in customer.differences]
    if seconds >= GROWTH_SECONDS:
        violations += growth(samples, clients)
    else:
        print(f"Growth is looked for in runs of {GROWTH_SECONDS} s or more.")
    violations += _broken_promises(url, sold)
    for violation in violations[:MAX_SHOWN]:
        print(f"VIOLATION {violation}")
    return violations


def _broken_promises(url: str, sold: SoldStock) -> list[str]:
    """Return what does not hold in the product's data after the load."""
    connection = Connection(url, Requests())
    left = read_stock(connection)
    connection.close()
    return sold.violations(left)


def _process_listening_on(port: int | None) -> psutil.Process:
    """Return the process that serves this port of this machine."""
    for found in psutil.net_connections("tcp"):
        if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid:
            return psutil.Process(found.pid)
    raise ConnectionError(f"no process of this machine listens on port {port}")


def _watch(
    process: psutil.Process, threads: Sequence[threading.Thread], requests: Requests, began: float
) -> list[Sample]:
    """Take a sample every second and print progress, until all customers have gone."""
    samples: list[Sample] = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(SAMPLE_SECONDS)
        samples.append(Sample(process.memory_info().rss / 1e6, process.num_fds()))
        if len(samples) % PROGRESS_SECONDS == 0:
            taken = time.monotonic() - began
            print(
                f"{taken:5.0f} s  {requests.count:8,} requests  {requests.count / taken:5.0f}/s  "
                f"{samples[-1].megabytes:5.0f} MB  {samples[-1].files} open files  "
                f"{requests.unexpected.total()} unexpected",
                flush=True,
            )
    return samples


def _print_table(requests: Requests, samples: Sequence[Sample], taken: float, sold: SoldStock) -> None:
    print(f"\n{'kind':16}{'requests':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}  statuses")
    for kind, count, p50, p95, p99, statuses in requests.rows():
        print(f"{kind:16}{count:>10}{p50:>9}{p95:>9}{p99:>9}  {statuses}")
    print(
        f"\n{requests.count:,} requests in {taken:.0f} s: {requests.count / taken:.0f}/s; {sold.units:,} units sold"
    )
    moments = {"start": samples[0], "middle": samples[len(samples) // 2], "end": samples[-1]}
    for name, sample in moments.items():
        print(f"API process, {name:6} {sample.megabytes:6.1f} MB  {sample.files} open files")


def _show_errors(output: IO[bytes]) -> None:
    output.seek(0)
    errors = [line for line in output if b'"ERROR"' in line or b"Traceback" in line]
    for line in errors[:MAX_SHOWN]:
        print(line.decode(errors="replace").rstrip(), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
