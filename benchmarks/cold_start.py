"""Measure the cold start of each function from its package, beside the least that one can take; prints a table.

Each start is an interpreter of its own that sees only the unpacked package, against a local cloud on this
machine. The functions take turns, so that what else the machine does falls on all of them alike. The floor is an
interpreter that imports chalice and botocore and makes one client of a service.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks.cold_start_probe import FLOOR
from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.orders.messages import OrderClaimed, OrderConfirmed
from chalicelib.platform.queues.messages import encode
from infra.local import cloud, pump
from infra.local.processes import Processes
from infra.stack.package.application import CODE
from infra.stack.package.build import build
from infra.stack.package.target import machine_architecture, target_of

PROBE = Path(__file__).with_name("cold_start_probe.py")
START_SECONDS = 60
NOWHERE = Path("/nonexistent")
REFRESH = "chalicelib.catalog.propagation.workers.refresh_search"
# The version of the catalogue that seeding makes.
CHANGED = CatalogChanged(catalog_version=1)


@dataclass
class Start:
    """One way to start a function cold.

    Args:
        name: what the table calls it.
        handler: the function, as Lambda is told it.
        event: what it is called with; made anew for each run.
        bytecode: whether the package's bytecode is used.
        keep: is told what it answered.
    """

    name: str
    handler: str
    event: Callable[[], Any] = lambda: None
    bytecode: bool = True
    keep: Callable[[Any], None] = lambda _: None
    found: list[dict[str, Any]] = field(default_factory=list)

    def median(self, measure: str) -> float:
        """Return the median of a measure over all runs."""
        return float(statistics.median(run[measure] for run in self.found))


def starts() -> list[Start]:
    """Return every function's start: the API's with three kinds of request, the others with one."""
    placed: list[int] = []

    def keep_order(answer: dict[str, Any]) -> None:
        placed.append(json.loads(answer["body"])["id"])

    order = {"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 1}]}
    stock = api_event("GET", "/stores/{store_id}/inventory", {"store_id": "1"})
    suggest = api_event("GET", "/api/search/suggest", query={"q": ["iph"]})
    place = api_event("POST", "/orders", body=order)
    confirmations = "chalicelib.notifications.workers.send_confirmation"
    return [
        Start("floor", FLOOR),
        Start("API: list a store's stock", "app.app", lambda: stock),
        Start("API: place a store order", "app.app", lambda: place, keep=keep_order),
        Start("API: suggest, with the index fetched", "app.app", lambda: suggest),
        Start("send_confirmation", confirmations, lambda: queued(OrderConfirmed(order_id=placed[-1]))),
        Start(
            "process_pending_orders",
            "chalicelib.orders.workers.process_pending_orders",
            pump.schedule_event,
        ),
        Start(
            "complete_orders, of an order that is done",
            "chalicelib.orders.workers.complete_orders",
            lambda: queued(OrderClaimed(order_id=placed[-1], leased_until=1)),
        ),
        Start(
            "refresh_search, of a change it has published",
            REFRESH,
            lambda: queued(CHANGED),
        ),
        Start("watch_catalog", "chalicelib.catalog.propagation.workers.watch_catalog", pump.schedule_event),
        Start("floor, without bytecode", FLOOR, bytecode=False),
        Start("API: list a store's stock, without bytecode", "app.app", lambda: stock, bytecode=False),
    ]


def api_event(
    method: str,
    resource: str,
    parameters: dict[str, str] | None = None,
    query: dict[str, list[str]] | None = None,
    body: Any = None,
) -> dict[str, Any]:
    """Build the event that API Gateway makes of a request."""
    path = resource.format(**(parameters or {}))
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "pathParameters": parameters,
        "multiValueQueryStringParameters": query,
        "stageVariables": None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": f"/api{path}",
            "requestId": "cold-start",
            "identity": {"sourceIp": "127.0.0.1"},
        },
    }


def queued(message: Any) -> dict[str, Any]:
    """Build the event of one message from a queue."""
    return pump.sqs_event([{"MessageId": "1", "ReceiptHandle": "1", "Body": encode(message)}])


def main() -> int:
    """Measure and print; the exit status is 1 when a function failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold_start", description=__doc__)
    parser.add_argument(
        "--runs",
        type=int,
        default=9,
        help="starts of each, of which the median counts (default: %(default)s)",
    )
    parser.add_argument(
        "--python", default=sys.executable, help="the interpreter that functions run on (default: this one)"
    )
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs must be at least 1")
    measured = starts()
    with tempfile.TemporaryDirectory(prefix="stockroom-cold-") as name, Processes() as processes:
        package = unpack(Path(name), options.python)
        environment = prepare(processes)
        publish = Start("publish", REFRESH, lambda: queued(CHANGED))
        rounds = [publish, *(each for _ in range(options.runs) for each in measured)]
        console = Console(stderr=True)
        for each in track(
            rounds, "Starting", console=console, transient=True, disable=not console.is_terminal
        ):
            if problem := start(each, package, options.python, environment):
                print(f"{each.name} failed: {problem}", file=sys.stderr)
                return 1
    for line in table(measured, options.runs):
        print(line)
    return 0


def unpack(folder: Path, python: str) -> Path:
    """Build the package of the local stage and unpack it; return the folder it is in."""
    build("local", folder, target_of(python, machine_architecture()), lambda _: None)
    with zipfile.ZipFile(folder / CODE) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def prepare(processes: Processes) -> dict[str, str]:
    """Start a local cloud with shops in it; return the environment of a function that uses it."""
    endpoint = cloud.start_ministack(processes)
    variables = cloud.variables(endpoint, cloud.create_stack(endpoint), redis_url="")
    cloud.verify_sender(endpoint, variables["MAIL_SENDER"])
    seed = [
        sys.executable,
        "-m",
        "infra.ops.seed",
        "--products",
        "100",
        "--stores",
        "2",
        "--stock-per-store",
        "50",
    ]
    subprocess.run(seed, env=os.environ | variables, stdout=subprocess.DEVNULL, check=True, timeout=120)
    return variables


def start(each: Start, package: Path, python: str, environment: dict[str, str]) -> str:
    """Start a function once and keep what was measured; return what went wrong, if anything did."""
    isolated = ["-B", "-E", "-P", "-S", "-s"]
    if not each.bytecode:
        isolated += ["-X", f"pycache_prefix={NOWHERE}"]
    done = subprocess.run(
        [python, *isolated, str(PROBE), str(package), each.handler],
        input=json.dumps(each.event()),
        env=environment,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    if done.returncode:
        return done.stderr.strip()
    run = json.loads(done.stdout.splitlines()[-1])
    answer = run.pop("answer") or {}
    if answer.get("statusCode", 200) >= 300 or answer.get("batchItemFailures"):
        return f"it answered {answer}\n{done.stdout}"
    each.keep(answer)
    each.found.append(run)
    return ""


def table(measured: list[Start], runs: int) -> Iterator[str]:
    """Yield the lines of a table in Markdown: medians, and how they compare with the floor's."""
    floor, cpu_floor = measured[0].median("import_ms"), measured[0].median("cpu_ms")
    yield f"Medians of {runs} starts, Python {platform.python_version()}, {platform.machine()}:"
    yield ""
    yield "| | import, ms | ÷ floor | first request, ms | both, ms | ÷ floor | CPU, ms | ÷ floor | memory, MB |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for each in measured:
        load, request, cpu = (each.median(measure) for measure in ("import_ms", "request_ms", "cpu_ms"))
        both = load + request
        answered = f"{request:.0f}" if each.handler != FLOOR else ""
        yield (
            f"| {each.name} | {load:.0f} | {load / floor:.2f} | {answered} | {both:.0f} | {both / floor:.2f} "
            f"| {cpu:.0f} | {cpu / cpu_floor:.2f} | {each.median('memory_mb'):.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
