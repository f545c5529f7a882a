"""The invariants of a shop at rest, checked by the operators' own command."""

from collections.abc import Iterator
from datetime import timedelta

from infra.reconcile.checks import reconcile
from infra.reconcile.findings import Finding
from infra.reconcile.stage import Stage
from tests.support.shop import Shop
from tests.support.world import World

AT_REST = timedelta(0)


def stage_of(shop: Shop, margin: timedelta = AT_REST, overdue: timedelta = AT_REST) -> Stage:
    return Stage(shop.wiring, margin, overdue)


def findings(shop: Shop) -> dict[str, Finding]:
    return {finding.invariant: finding for finding in reconcile(stage_of(shop))}


def violations(shop: Shop) -> list[str]:
    """Return what is wrong with a shop that nobody uses at the moment, as lines for a person."""
    return [
        f"{finding.invariant}: {violation.subject}: {violation.detail}"
        for finding in reconcile(stage_of(shop))
        for violation in finding.violations
    ]


def problems(world: World) -> list[str]:
    """Return what is wrong with a world that has come to rest."""
    return [*violations(world.shop), *mail_problems(world), *work_problems(world)]


def mail_problems(world: World) -> Iterator[str]:
    mails, allowed = world.mails(), world.allowed_mails()
    for row in world.shop.all_orders():
        order_id = int(row.id)
        is_sent = row.confirmation_sent_at is not None
        if is_sent != (mails[order_id] > 0) and not allowed[order_id]:
            yield f"order #{order_id} has {mails[order_id]} e-mails, and is marked as sent: {is_sent}"
        if mails[order_id] > 1 + allowed[order_id]:
            yield f"order #{order_id} has {mails[order_id]} e-mails"
        if row.status == "CONFIRMED" and not is_sent:
            yield f"order #{order_id} has no e-mail"


def work_problems(world: World) -> Iterator[str]:
    for row in world.shop.all_orders():
        done = world.fulfilled[int(row.id)]
        if row.status in ("pending", "processing") or (row.status == "completed") != (done > 0):
            yield f"order #{int(row.id)} is {row.status} and was worked on {done} times"
