"""The invariants of a shop at rest, checked by the operators' own command."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from chalicelib.orders.storage.tables import OrderRow
from infra.ops.reconcile.checks import reconcile
from infra.ops.reconcile.findings import Finding
from infra.ops.reconcile.stage import Stage
from tests.simulator.world import World
from tests.support.shop import Shop

AT_REST = timedelta(0)


def stage_of(shop: Shop, margin: timedelta = AT_REST, overdue: timedelta = AT_REST) -> Stage:
    return Stage(shop.wiring, margin, overdue)


def findings(shop: Shop) -> dict[str, Finding]:
    return {finding.invariant: finding for finding in reconcile(stage_of(shop))}


def violations(shop: Shop) -> list[str]:
    """Return what is wrong with a shop that is not in use at the moment, as lines for a person."""
    return [
        f"{finding.invariant}: {violation.subject}: {violation.detail}"
        for finding in reconcile(stage_of(shop))
        for violation in finding.violations
    ]


def problems(world: World) -> list[str]:
    """Return what is wrong with a world that has come to rest."""
    rows = world.shop.all_orders()
    mails = mail_problems(rows, world.mails(), world.allowed_mails())
    return [*violations(world.shop), *mails, *work_problems(rows, world.fulfilled)]


def mail_problems(
    rows: Iterable[OrderRow], mails: Mapping[int, int], allowed: Mapping[int, int]
) -> Iterator[str]:
    """Yield the orders whose e-mail was not sent once, as the mail service knows it.

    Args:
        rows: all orders.
        mails: how many were sent, by order.
        allowed: how many may have been sent beyond the first, by order.
    """
    for row in rows:
        order_id = int(row.id)
        sent, is_marked = mails.get(order_id, 0), row.confirmation_sent_at is not None
        if sent > 1 + allowed.get(order_id, 0):
            yield f"order #{order_id} has {sent} e-mails"
        elif is_marked != (sent > 0) and not allowed.get(order_id):
            yield f"order #{order_id} has {sent} e-mails, and is marked as sent: {is_marked}"
        elif row.status == "CONFIRMED" and not sent:
            yield f"order #{order_id} has no e-mail"


def work_problems(rows: Iterable[OrderRow], fulfilled: Mapping[int, int]) -> Iterator[str]:
    """Yield the orders that have not ended, or ended otherwise than the work on them says."""
    for row in rows:
        done = fulfilled.get(int(row.id), 0)
        if row.status in ("pending", "processing") or (row.status == "completed") != (done > 0):
            yield f"order #{int(row.id)} is {row.status} and was worked on {done} times"
