"""The invariants of a shop at rest, checked by the operators' own command."""

from datetime import timedelta

from infra.reconcile.checks import reconcile
from infra.reconcile.findings import Finding
from infra.reconcile.stage import Stage
from tests.support.shop import Shop

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
