"""The composition root: everything is built here, once, on first use; one file a feature.

Imports stand inside the builders, so that a function loads only what it uses.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.platform import log
from chalicelib.platform.runtime import Runtime
from chalicelib.platform.settings import Settings, settings
from chalicelib.wiring.overrides import Overrides

if TYPE_CHECKING:
    from chalicelib.wiring.catalog import CatalogWiring
    from chalicelib.wiring.inventory import InventoryWiring
    from chalicelib.wiring.notifications import NotificationsWiring
    from chalicelib.wiring.orders import OrdersWiring
    from chalicelib.wiring.platform import PlatformWiring
    from chalicelib.wiring.search import SearchWiring
    from chalicelib.wiring.users import UsersWiring


class Wiring:
    """One process's services.

    Args:
        settings: of this process.
        runtime: time, randomness and threads.
        overrides: what is used in place of what would be built.
    """

    def __init__(
        self, settings: Settings, runtime: Runtime | None = None, overrides: Overrides | None = None
    ) -> None:
        self.settings = settings
        self.runtime = runtime or Runtime()
        self.overrides = overrides or Overrides()

    @cached_property
    def platform(self) -> "PlatformWiring":
        from chalicelib.wiring.platform import PlatformWiring

        return PlatformWiring(self)

    @cached_property
    def users(self) -> "UsersWiring":
        from chalicelib.wiring.users import UsersWiring

        return UsersWiring(self)

    @cached_property
    def catalog(self) -> "CatalogWiring":
        from chalicelib.wiring.catalog import CatalogWiring

        return CatalogWiring(self)

    @cached_property
    def inventory(self) -> "InventoryWiring":
        from chalicelib.wiring.inventory import InventoryWiring

        return InventoryWiring(self)

    @cached_property
    def orders(self) -> "OrdersWiring":
        from chalicelib.wiring.orders import OrdersWiring

        return OrdersWiring(self)

    @cached_property
    def search(self) -> "SearchWiring":
        from chalicelib.wiring.search import SearchWiring

        return SearchWiring(self)

    @cached_property
    def notifications(self) -> "NotificationsWiring":
        from chalicelib.wiring.notifications import NotificationsWiring

        return NotificationsWiring(self)


_wiring: Wiring | None = None


def wired() -> Wiring:
    """Return this process's wiring."""
    global _wiring
    if _wiring is None:
        log.configure(settings().log_level, settings().log_format)
        _wiring = Wiring(settings())
    return _wiring


def rewire(wiring: Wiring | None) -> None:
    """Put another wiring in place of this process's, or none, for tests."""
    global _wiring
    _wiring = wiring
