"""Measure the product search on catalogues of several sizes, beside SQLite's FTS5 and LIKE; prints a table."""

import argparse
import functools
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.progress import track

from benchmarks import search_queries, search_sqlite
from benchmarks.search_catalogue import SEED, products
from chalicelib.search.engine.index import SearchIndex, build

SIZES = (1_200, 10_000, 100_000, 1_000_000)
MEASURES = (
    ("build", "s"), ("snapshot, plain", "MB"), ("snapshot, tar.gz", "MB"), ("open", "ms"), ("resident memory", "MB"),
    ("query p50", "ms"), ("query p99", "ms"), ("query slowest", "ms"), ("hard text slowest", "ms"), ("suggest p50", "ms"), ("suggest p99", "ms"),
    ("FTS5 trigram build", "s"), ("FTS5 trigram p50", "ms"), ("FTS5 trigram p99", "ms"),
    ("LIKE p50", "ms"), ("LIKE p99", "ms"),
)  # fmt: skip


def main() -> None:
    """Measure each size and print what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument(
        "sizes", nargs="*", type=int, default=SIZES, metavar="PRODUCTS", help="default: %(default)s"
    )
    parser.add_argument(
        "--like-seconds", type=float, default=20.0, help="time for LIKE (default: %(default)s)"
    )
    parser.add_argument(
        "--fts-seconds", type=float, default=60.0, help="time for FTS5 (default: %(default)s)"
    )
    parser.add_argument(
        "--many-words",
        action="store_true",
        help="give each product words of its own, as in a real catalogue, not the seed's few hundred words",
    )
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        print(json.dumps(_read(options.read)))
        return
    columns = [_measure(size, options) for size in options.sizes]
    print(f"| | {' | '.join(f'{size:,}' for size in options.sizes)} |")
    print(f"|---|{'---:|' * len(columns)}")
    for name, unit in MEASURES:
        print(f"| {name}, {unit} | {' | '.join(f'{column[name]:,.2f}' for column in columns)} |")
    print("\nQueries answered in the time given (FTS5, LIKE), of 200:")
    for size, column in zip(options.sizes, columns, strict=True):
        print(f"- {size:,}: {column['FTS5 queries']}, {column['LIKE queries']}")


def _measure(size: int, options: argparse.Namespace) -> dict[str, float]:
    made = products(size, options.many_words)
    catalogue = list(track(made, f"{size:,} products", size, console=Console(stderr=True), transient=True))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "index")
        folder.mkdir()
        begin = time.perf_counter()
        build(catalogue, folder)
        column = {"build": time.perf_counter() - begin}
        column["snapshot, plain"] = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        archive = Path(name, "index.tar.gz")
        with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
            tar.add(folder, "index")
        column["snapshot, tar.gz"] = archive.stat().st_size / 1e6
        # A process of its own, so that its memory holds the index and nothing else of this benchmark.
        command = [sys.executable, "-m", "benchmarks.search", "--read", str(folder)]
        column |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        database = sqlite3.connect(Path(name, "products.sqlite"))
        begin = time.perf_counter()
        search_sqlite.fill(database, catalogue)
        column["FTS5 trigram build"] = time.perf_counter() - begin
        # Shuffled, because the time may not suffice for all of them.
        shuffled = random.Random(SEED).sample(search_queries.queries(), 200)
        for way, seconds, ask in (
            ("FTS5 trigram", options.fts_seconds, search_sqlite.by_trigrams),
            ("LIKE", options.like_seconds, search_sqlite.by_like),
        ):
            times = list(_times(functools.partial(ask, database), shuffled, seconds))
            column |= _percentiles(way, times)
            column[f"{way.split()[0]} queries"] = len(times)
        database.close()
    return column


def _read(folder: Path) -> dict[str, float]:
    begin = time.perf_counter()
    index = SearchIndex.open(folder)
    measured = {"open": (time.perf_counter() - begin) * 1e3}
    questions = search_queries.queries()
    # The first round fetches the files' pages and is not measured.
    for _ in range(2):
        times = list(_times(index.search, questions))
        hard_times = list(_times(index.search, search_queries.hard_texts()))
        suggest_times = list(_times(index.suggest, search_queries.beginnings()))
    # To make the search faster, start with these.
    slowest = sorted(zip(times, map(str, questions), strict=True))[-6:]
    print(*slowest, sep="\n", file=sys.stderr)
    measured |= _percentiles("query", times) | _percentiles("suggest", suggest_times)
    measured["query slowest"] = max(times)
    measured["hard text slowest"] = max(hard_times)
    measured["resident memory"] = psutil.Process().memory_info().rss / 1e6
    return measured


def _times(ask: Callable[[Any], object], questions: Iterable[Any], seconds: float = 1e9) -> Iterator[float]:
    """Yield how many milliseconds each question takes, until the time is up."""
    end = time.perf_counter() + seconds
    for question in questions:
        begin = time.perf_counter()
        if begin > end:
            return
        ask(question)
        yield (time.perf_counter() - begin) * 1e3


def _percentiles(name: str, times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {f"{name} p50": cuts[49], f"{name} p99": cuts[98]}


if __name__ == "__main__":
    main()
