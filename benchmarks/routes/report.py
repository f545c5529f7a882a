"""The results: one structure, of which the tables, the JSON file and the documentation's section are made."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.routes import prices
from benchmarks.routes.growth import Grown
from benchmarks.routes.prices import Cost, Monthly

BEGIN = "<!-- Written by `make bench`: begin -->"
END = "<!-- Written by `make bench`: end -->"
JSON, MARKDOWN = "performance.json", "performance.md"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A row: medians over the rounds, in milliseconds of CPU a call; ratios are medians of the rounds' ratios."""

    name: str
    handles: int
    cpu_ms: float
    botocore_ms: float
    wire_ms: float
    json_ms: float
    to_botocore: float | None
    to_wire: float | None
    peer_ms: float | None
    to_peer: float | None
    remark: str
    trips: dict[str, int]
    sent: int
    received: int
    reads: float
    writes: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run found."""

    command: str
    machine: str
    rounds: int
    products: int
    missing: list[str]
    routes: list[Measured]
    growth: list[Grown]
    costs: list[Cost]
    monthly: list[Monthly]
    prices_per_million: dict[str, float]
    prices_per_hour: dict[str, float]
    lambda_gb_second: float
    price_sources: dict[str, str]


def number(value: float | None, digits: int = 2) -> str:
    """Write a number for a table; nothing for none."""
    return "" if value is None else f"{value:,.{digits}f}"


def lines(result: Result) -> Iterator[str]:
    """Yield the section in Markdown, tables and what is to be known of them."""
    yield "## Routes and functions"
    yield ""
    yield "`make bench` calls each route and function in one process, with the events that API Gateway (REST) and SQS"
    yield "send, on DynamoDB Local, MiniStack and Redis in processes of their own. A relay before them counts what leaves"
    yield "the process, and plays recorded answers back to the floors. The command:"
    yield ""
    yield f"    {result.command}"
    yield ""
    yield f"{result.machine} What counts are the ratios within the run. The catalogue has {result.products:,} products."
    for missing in result.missing:
        yield f"Not measured: {missing}."
    yield ""
    yield from _cpu(result)
    yield from _traffic(result)
    yield from _growth(result)
    yield from _costs(result)
    yield from _monthly(result)


def _cpu(result: Result) -> Iterator[str]:
    yield f"### CPU of a call, ms: medians of {result.rounds} interleaved rounds"
    yield ""
    yield "| | ours | botocore | urllib3 | json | ÷ botocore | ÷ urllib3 | a peer | ÷ peer |"
    yield f"|---|{'---:|' * 8}"
    for row in result.routes:
        peer = f"{number(row.peer_ms, 1)} {f'({row.remark})' if row.remark else ''}".strip()
        cells = [
            row.name,
            number(row.cpu_ms),
            *(number(floor or None) for floor in (row.botocore_ms, row.wire_ms, row.json_ms)),
            number(row.to_botocore),
            number(row.to_wire),
            peer,
            number(row.to_peer),
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "The floors are the same calls of DynamoDB and SQS, with the same answers after the same wait: by bare botocore; by urllib3, a"
    yield "signature and msgspec; and their JSON alone, by the standard library. SES and S3 are not in them. Limits of"
    yield "rates are off; one costs what its row says. The peers' figures are given: another system of this kind, gunicorn"
    yield "with two workers over PostgreSQL 15, was measured beside an earlier version of this one, on one machine. Where"
    yield "a call handles several orders, it is one order that is compared with a peer's."
    yield ""


def _traffic(result: Result) -> Iterator[str]:
    yield "### What leaves the process in a call"
    yield ""
    yield "| | DynamoDB | SQS | SES | S3 | Redis | bytes sent | received | read units | write units |"
    yield f"|---|{'---:|' * 9}"
    for row in result.routes:
        trips = [number(row.trips.get(name), 0) for name in ("DynamoDB", "SQS", "SES", "S3", "Redis")]
        units = [number(units or None, 1) for units in (row.reads, row.writes)]
        yield f"| {row.name} | {' | '.join([*trips, number(row.sent, 0), number(row.received, 0), *units])} |"
    yield ""
    yield "Round trips and bytes with HTTP's heads, without TLS. Read units are those that DynamoDB Local reports when"
    yield "asked for them (`ReturnConsumedCapacity`). Its report of writes is too low, so write units are computed by"
    yield "DynamoDB's documented rules from each row before and after, in tables and indexes: twice in a transaction, and"
    yield "also for a row whose condition did not hold."
    yield ""


def _growth(result: Result) -> Iterator[str]:
    yield "### Growth"
    yield ""
    yield "| | with so many | | CPU, ms | ÷ the least | round trips |"
    yield f"|---|---:|---|{'---:|' * 3}"
    least: dict[tuple[str, str], float] = {}
    for row in result.growth:
        first = least.setdefault((row.name, row.of), row.cpu_ms)
        yield (
            f"| {row.name} | {row.size:,} | {row.of} | {number(row.cpu_ms)} | {number(row.cpu_ms / first)} "
            f"| {row.round_trips} |"
        )
    yield ""


def _costs(result: Result) -> Iterator[str]:
    yield "### Dollars for a million"
    yield ""
    yield "| | in the function, ms | Lambda | API Gateway | DynamoDB | SQS | S3 | together | mail, apart |"
    yield f"|---|{'---:|' * 8}"
    for row in result.costs:
        parts = (row.lambda_, row.api_gateway, row.dynamodb, row.sqs, row.s3)
        cells = [number(row.function_ms, 1), *(number(part or None) for part in parts), number(row.total)]
        yield f"| {row.name} | {' | '.join(cells)} | {number(row.mail_apart or None)} |"
    yield ""
    waits = ", ".join(f"{service} {wait:g}" for service, wait in prices.WAIT_MS.items())
    yield "For a million calls, or a million orders where a call handles several. List prices of us-east-1"
    yield f"({prices.AS_OF}, on demand, without free tiers; sources in `{JSON}`). A function's time is its CPU as measured here, at"
    yield f"the share of a core that its memory gives, and an assumed wait for each round trip (ms: {waits}),"
    yield "one after another. Storage, traffic to the internet, logs, alarms and Redis are left out."
    yield ""


def _monthly(result: Result) -> Iterator[str]:
    yield "### Dollars a month, store orders and their confirmations only"
    yield ""
    yield "| orders a minute | ours | peers, always on | their set-up |"
    yield "|---:|---:|---:|---|"
    for row in result.monthly:
        yield f"| {row.orders_a_minute:,} | {number(row.ours)} | {number(row.peers)} | {row.peers_set_up} |"
    yield ""
    yield "Evenly spread over the month; mail costs both the same and is left out, as are storage, logs and traffic. The"
    yield "peers have two instances in two zones at least, cores at most half busy by their given CPU, PostgreSQL with a"
    yield "standby, one Redis and a load balancer; that their database carries the most orders is assumed. Ours with what"
    yield "asking empty queues costs; without Redis."


def write(result: Result, folder: Path) -> None:
    """Write the JSON file, and the section of the documentation between its marks, which it gets if it has none."""
    content = msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n"
    (folder / JSON).write_bytes(content)
    page = folder / MARKDOWN
    section = "\n".join([BEGIN, "", *lines(result), "", END])
    before = page.read_text() if page.exists() else "# Performance\n"
    marked = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if marked.search(before):
        page.write_text(marked.sub(lambda _: section, before, count=1))
    else:
        page.write_text(f"{before.rstrip()}\n\n{section}\n")
