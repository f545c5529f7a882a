"""How much of everything a run makes and measures."""

from dataclasses import dataclass, replace

from chalicelib.platform.settings import Settings


@dataclass(frozen=True, slots=True)
class Scale:
    """The sizes of one run.

    Args:
        rounds: in which all take turns.
        products: of the catalogue.
        common_hits: products that a search for a common word finds.
        unseen: products of a store each of which is ordered once.
        pending: orders that a run of the schedule finds.
        growing_orders: orders of an account and a store.
        growing_stock: products of a store.
        completed_orders: of all accounts.
        bcrypt_cost: of passwords.
    """

    rounds: int = 11
    products: int = 1_200
    common_hits: int = 544
    unseen: int = 400
    pending: int = 100
    growing_orders: tuple[int, ...] = (10, 1_000, 20_000)
    growing_stock: tuple[int, ...] = (20, 320, 5_000)
    completed_orders: tuple[int, ...] = (0, 5_000)
    bcrypt_cost: int = Settings().bcrypt_cost


DEFAULT = Scale()
FULL = replace(
    DEFAULT,
    growing_orders=(*DEFAULT.growing_orders, 100_000),
    growing_stock=(*DEFAULT.growing_stock, 20_000),
    completed_orders=(*DEFAULT.completed_orders, 200_000),
)
QUICK = replace(
    DEFAULT,
    rounds=3,
    products=600,
    growing_orders=(10, 200),
    growing_stock=(20, 320),
    completed_orders=(0, 200),
)
# For the test: every row, and nothing that takes long.
SMOKE = Scale(
    rounds=1,
    products=60,
    common_hits=40,
    unseen=30,
    pending=3,
    growing_orders=(10, 20),
    growing_stock=(20, 30),
    completed_orders=(0, 10),
    bcrypt_cost=4,
)
