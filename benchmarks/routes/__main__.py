"""Measure each route and function beside the least it can cost, its growth and its price; prints tables.

Writes docs/performance.json, and the section of docs/performance.md between two marks.
"""

import argparse
import platform
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks.routes import growth, prices
from benchmarks.routes.counting import Traffic
from benchmarks.routes.floors import Floors, replayable
from benchmarks.routes.growth import Grown
from benchmarks.routes.measuring import cpu, cpu_of, median, observe, ratio
from benchmarks.routes.peers import PEERS
from benchmarks.routes.relay import Exchange
from benchmarks.routes.report import Measured, Result, lines, write
from benchmarks.routes.rows import ORDER, Row, WrongAnswer, refresh, rows
from benchmarks.routes.scales import DEFAULT, FULL, QUICK, SMOKE, Scale
from benchmarks.routes.world import Servers, World, logging_nowhere, running_world
from infra.local.processes import NotReady

DOCS = Path(__file__).parents[2] / "docs"
CONFIRMATION = "send_confirmation"
# Each first sight takes two products of a store that has so many; some are seen before the rounds begin.
MAX_ROUNDS = 30

Tell = Callable[[str], None]


def main() -> int:
    """Measure, print and write; the exit status is 1 when an answer was wrong, 2 when a server is missing."""
    options = _options()
    # Whoever ends us lets us end what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    scale = _scale(options)
    console = Console(stderr=True)
    with console.status("Measuring") as status:

        def tell(what: str) -> None:
            status.update(f"Measuring: {what}")
            if not console.is_terminal:
                console.print(what)

        try:
            with running_world(tell) as running, logging_nowhere():
                result = _measure(running, scale, _command(options), tell)
        except NotReady as error:
            print(f"Not measured: {error}.", file=sys.stderr)
            return 2
        except WrongAnswer as error:
            print(f"Wrong: {error}", file=sys.stderr)
            return 1
    for line in lines(result):
        print(line)
    write(result, options.out)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routes", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, metavar="N", help=f"in which all take turns (default: {DEFAULT.rounds})"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_const", dest="scale", const=QUICK, help="few rounds, small tables"
    )
    size.add_argument(
        "--full", action="store_const", dest="scale", const=FULL, help="the largest tables: some time to fill"
    )
    size.add_argument(
        "--smoke", action="store_const", dest="scale", const=SMOKE, help="every row once, figures of no worth"
    )
    parser.add_argument(
        "--out", type=Path, default=DOCS, metavar="DIR", help="where the files go (default: docs)"
    )
    parser.set_defaults(scale=DEFAULT)
    options = parser.parse_args()
    if options.rounds is not None and not 1 <= options.rounds <= MAX_ROUNDS:
        parser.error(f"--rounds must be 1 to {MAX_ROUNDS}")
    return options


def _scale(options: argparse.Namespace) -> Scale:
    scale: Scale = options.scale
    return replace(scale, rounds=options.rounds) if options.rounds else scale


def _command(options: argparse.Namespace) -> str:
    """Return the command that makes the same run, wherever its files go."""
    names = {id(FULL): " --full", id(QUICK): " --quick", id(SMOKE): " --smoke"}
    rounds = f" --rounds {options.rounds}" if options.rounds else ""
    return f"python -m benchmarks.routes{names.get(id(options.scale), '')}{rounds}"


def _measure(running: Servers, scale: Scale, command: str, tell: Tell) -> Result:
    tell("filling tables")
    world = World(running, "bench", scale)
    world.use()
    world.fill()
    # The index is built and published as always, and fetched by the first search.
    refresh()()
    missing = (
        []
        if running.redis
        else ["the limiter in Redis; there is no redis-server here, so it counts in memory"]
    )
    measured, traffic = _measure_rows(world, tell)
    costs = [
        prices.cost(row, figures.cpu_ms, traffic[row.name])
        for row, figures in measured
        if row.source != "code"
    ]
    totals = {
        each.name.partition(",")[0] if CONFIRMATION in each.name else each.name: each.total for each in costs
    }
    return Result(
        command=command,
        machine=f"Python {platform.python_version()}, {platform.machine()}.",
        rounds=scale.rounds,
        products=scale.products,
        missing=missing,
        routes=[figures for _, figures in measured],
        growth=_grow(running, scale, tell),
        costs=costs,
        monthly=prices.monthly(
            totals[ORDER], totals[CONFIRMATION], PEERS["store_order"][0] + PEERS["background"][0]
        ),
        prices_per_million=prices.PER_MILLION,
        prices_per_hour=prices.PER_HOUR,
        lambda_gb_second=prices.LAMBDA_GB_SECOND,
        price_sources=prices.SOURCES,
    )


def _measure_rows(world: World, tell: Tell) -> tuple[list[tuple[Row, Measured]], dict[str, Traffic]]:
    every = rows(world)
    floors = Floors(world.servers)
    exchanges: dict[str, list[Exchange]] = {}
    traffic: dict[str, Traffic] = {}
    tell("counting round trips, bytes and units")
    for row in every:
        exchanges[row.name], traffic[row.name] = observe(row, world.servers.relay)
    found: dict[str, list[list[float]]] = {row.name: [] for row in every}
    rounds = world.scale.rounds
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        for row in every:
            ours = cpu(row)
            found[row.name].append([ours, *_floors_of(row, exchanges[row.name], floors, world)])
    return [(row, _figures(row, found[row.name], traffic[row.name])) for row in every], traffic


def _floors_of(row: Row, exchanges: list[Exchange], floors: Floors, world: World) -> list[float]:
    """Measure the three floors of a row; nothing where nothing is called."""
    again = replayable(exchanges)
    if not again:
        return [0.0, 0.0, 0.0]
    relay = world.servers.relay
    costs = []
    for floor in (floors.botocore(again), floors.wire(again), floors.json(again)):
        relay.switch("replay", again)
        costs.append(cpu_of(floor, row.calls))
    relay.switch("pass")
    return costs


def _figures(row: Row, found: list[list[float]], traffic: Traffic) -> Measured:
    ours, botocore, wire, json = ([each[place] for each in found] for place in range(4))
    peer_ms, remark = PEERS.get(row.peer, (None, ""))
    one = median([value / row.handles for value in ours])
    return Measured(
        name=row.name,
        handles=row.handles,
        cpu_ms=median(ours),
        botocore_ms=median(botocore),
        wire_ms=median(wire),
        json_ms=median(json),
        to_botocore=ratio(ours, botocore),
        to_wire=ratio(ours, wire),
        peer_ms=peer_ms,
        to_peer=round(one / peer_ms, 2) if peer_ms else None,
        remark=remark,
        trips=traffic.trips,
        sent=traffic.sent,
        received=traffic.received,
        reads=traffic.reads,
        writes=traffic.writes,
    )


def _grow(running: Servers, scale: Scale, tell: Tell) -> list[Grown]:
    world = World(running, "grow", scale)
    world.use()
    return list(growth.grow(world, tell))


if __name__ == "__main__":
    sys.exit(main())
