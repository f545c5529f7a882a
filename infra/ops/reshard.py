"""Split the stock of a hot product over several rows (shards), so that more orders go through at once.

Customers see no difference and may order meanwhile. Splitting again spreads the units evenly anew: do so when
most shards are empty and all orders meet at the first one. 1 shard joins them. Exit status: 0 done,
1 not done, 2 wrong options.
"""

import argparse
import sys

from chalicelib.errors import Unavailable
from chalicelib.ids import MAX_ID
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.resharding import MAX_SHARDS, Resharding
from chalicelib.platform.settings import Settings
from chalicelib.wiring import Wiring
from infra.commands import add_stage_options, fail, number_from, progress, run_on_stage


def main() -> int:
    """Split, join or list; see the module's text for the exit status."""
    options = _options()

    def work(settings: Settings) -> int:
        resharding = Wiring(settings).inventory.resharding
        if options.list:
            return _list(resharding)
        return _divide(resharding, options.store, options.product, options.shards)

    return run_on_stage(options, work, failure="Not done")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.ops.reshard", description=__doc__)
    add_stage_options(parser)
    parser.add_argument("--store", type=number_from(1, MAX_ID), metavar="ID", help="whose stock")
    parser.add_argument("--product", type=number_from(1, MAX_ID), metavar="ID", help="of which product")
    parser.add_argument(
        "--shards", type=number_from(1, MAX_SHARDS), metavar="N", help=f"1 to {MAX_SHARDS}; 8 suits most"
    )
    parser.add_argument("--list", action="store_true", help="list what is split; this reads the whole table")
    options = parser.parse_args()
    named = {value is not None for value in (options.store, options.product, options.shards)}
    if named != {not options.list}:
        parser.error("name --store, --product and --shards, or --list alone")
    return options


def _divide(resharding: Resharding, store_id: int, product_id: int, number: int) -> int:
    try:
        with progress() as shown:
            shown.add_task("Waiting for gaps between orders", total=None)
            stock = resharding.divide(store_id, product_id, number)
    except Unavailable as error:
        return fail(f"Not done: {error}; run the command again, and `--list` shows how far it came")
    print(_line(store_id, stock), flush=True)
    return 0


def _list(resharding: Resharding) -> int:
    with progress() as shown:
        shown.add_task("Reading the stock of all stores", total=None)
        lines = [_line(store_id, stock) for store_id, stock in resharding.all_split()]
    print("\n".join([*lines, f"{len(lines)} split."]), flush=True)
    return 0


def _line(store_id: int, stock: Stock) -> str:
    spread = (
        f"{len(stock.shards)} shards ({' + '.join(map(str, stock.shards))})" if stock.shards else "one row"
    )
    return f"Store {store_id}, product {stock.product_id}: {stock.quantity} units in {spread}."


if __name__ == "__main__":
    sys.exit(main())
