"""Fill a stage with shops, products and stock to try it out; running it again adds only what is missing."""

import argparse
import sys

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from chalicelib.catalog.propagation.messages import CatalogChanged
from chalicelib.errors import Unavailable
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from infra.commands import add_stage_options, number_from, progress, run_on_stage, with_deployed
from infra.ops.seed.catalogue import DEFAULT_SEED, Catalogue, Volumes
from infra.ops.seed.vocabulary import RANGES
from infra.ops.seed.writer import SeedWriter


def main() -> int:
    """Seed; the exit status is 1 when the tables cannot be reached."""
    options = _options()
    volumes = Volumes(options.categories, options.products, options.stores, options.stock_per_store)

    def work(settings: Settings) -> int:
        written = _seed(settings, Catalogue(volumes, options.seed))
        print(
            f"Seeded stage {settings.stage}: {volumes.categories} categories, {volumes.products} products, "
            f"{volumes.stores} stores; {written} of {volumes.rows} rows were new.",
            flush=True,
        )
        return 0

    return run_on_stage(options, work, failure="Not seeded")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.ops.seed",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    defaults = Volumes()
    add_stage_options(parser)
    parser.add_argument(
        "--categories", type=number_from(1, len(RANGES)), default=defaults.categories, metavar="N"
    )
    parser.add_argument("--products", type=number_from(1, 1_000_000), default=defaults.products, metavar="N")
    parser.add_argument("--stores", type=number_from(1, 10_000), default=defaults.stores, metavar="N")
    parser.add_argument(
        "--stock-per-store",
        type=number_from(0, 1_000_000),
        default=defaults.stock_per_store,
        metavar="N",
        help="products that each store carries",
    )
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same number gives the same shops")
    return parser.parse_args()


def _seed(settings: Settings, catalogue: Catalogue) -> int:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with progress(*columns) as shown:
        task = shown.add_task("Seeding", total=catalogue.volumes.rows)
        writer = SeedWriter(Wiring(settings).platform.bulk_database)
        written = writer.write(catalogue, lambda rows: shown.advance(task, rows))
    if written:
        _publish(settings)
    return written


def _publish(settings: Settings) -> None:
    """Let search follow at once, where there is a queue for it."""
    settings = with_deployed(settings)
    if not settings.catalog_queue_url:
        print("Search follows when the schedule ticks: its queue was not found.", file=sys.stderr)
        return
    wiring = Wiring(settings)
    try:
        wiring.catalog.publish_changed(CatalogChanged(catalog_version=wiring.catalog.transactions.version()))
    except Unavailable as error:
        print(f"Search follows when the schedule ticks: {error}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
