"""Split the stock of a hot product over several rows, so that more orders go through at the same moment.

It is invisible to customers and safe while they order. Splitting again spreads the units evenly anew, which
is worth it when the parts have run dry and all orders meet at the first one; 1 part joins them. Exit status:
0 done, 1 not done, 2 wrong options.
"""

import argparse
import sys

from rich.progress import Progress, SpinnerColumn, TextColumn

from chalicelib.errors import NotFound, StockroomError
from chalicelib.ids import MAX_ID
from chalicelib.inventory.model import Stock
from chalicelib.inventory.storage.shards import MAX_PARTS, StockParts
from chalicelib.platform.dynamodb.database import Database
from chalicelib.platform.settings import InvalidSettings
from infra.options import add_stage_options, number_from, stage_settings


def main() -> int:
    """Split, join or list; see the module's text for the exit status."""
    options = _options()
    try:
        settings = stage_settings(options)
        parts = StockParts(Database(settings))
        if options.list:
            _list(parts)
        else:
            _divide(parts, options.store, options.product, options.parts)
    except InvalidSettings as error:
        return _fail(str(error))
    except NotFound as error:
        return _fail(str(error).rstrip("."))
    except StockroomError as error:
        return _fail(f"{error}; run the command again, and `--list` shows how far it came")
    except Exception as error:
        return _fail(f"{error}; do the tables of stage {settings.stage} exist?")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.ops.reshard", description=__doc__)
    add_stage_options(parser)
    parser.add_argument("--store", type=number_from(1, MAX_ID), metavar="ID", help="whose stock")
    parser.add_argument("--product", type=number_from(1, MAX_ID), metavar="ID", help="of which product")
    parser.add_argument(
        "--parts", type=number_from(1, MAX_PARTS), metavar="N", help=f"1 to {MAX_PARTS}; 8 suits most"
    )
    parser.add_argument("--list", action="store_true", help="list what is split; this reads the whole table")
    options = parser.parse_args()
    named = {value is not None for value in (options.store, options.product, options.parts)}
    if named != {not options.list}:
        parser.error("name --store, --product and --parts, or --list alone")
    return options


def _divide(parts: StockParts, store_id: int, product_id: int, number: int) -> None:
    with _progress("Waiting for gaps between orders"):
        stock = parts.divide(store_id, product_id, number)
    print(_line(store_id, stock), flush=True)


def _list(parts: StockParts) -> None:
    with _progress("Reading the stock of all stores"):
        lines = [_line(store_id, stock) for store_id, stock in parts.all_split()]
    print("\n".join([*lines, f"{len(lines)} split."]), flush=True)


def _line(store_id: int, stock: Stock) -> str:
    spread = f"{len(stock.parts)} parts ({' + '.join(map(str, stock.parts))})" if stock.parts else "one row"
    return f"Store {store_id}, product {stock.product_id}: {stock.quantity} units in {spread}."


def _progress(doing: str) -> Progress:
    columns = SpinnerColumn(), TextColumn("{task.description}")
    progress = Progress(*columns, transient=True, disable=not sys.stdout.isatty())
    progress.add_task(doing, total=None)
    return progress


def _fail(why: str) -> int:
    print(f"Not done: {why}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
