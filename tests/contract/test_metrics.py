"""What operators can count: each metric, said once for what happened."""

import json
from collections.abc import Callable

import pytest

from chalicelib.errors import Contended
from chalicelib.orders.idempotency import IdempotencyKey
from chalicelib.orders.messages import OrderConfirmed
from chalicelib.search.model import Snapshot
from tests.support.shop import Shop

Counted = Callable[[], dict[str, float]]


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Counted:
    """Return what was counted since the last time, by the metrics' names."""

    def counted() -> dict[str, float]:
        found: dict[str, float] = {}
        for line in capsys.readouterr().out.splitlines():
            metric = json.loads(line)
            (directive,) = metric["_aws"]["CloudWatchMetrics"]
            name = directive["Metrics"][0]["Name"]
            found[name] = found.get(name, 0) + metric[name]
        return found

    return counted


@pytest.fixture
def stocked(moto_shop: Shop) -> Shop:
    moto_shop.add_store(1)
    moto_shop.add_stock(1, 10, 5)
    moto_shop.add_stock(1, 11, 1)
    return moto_shop


def test_a_confirmed_order_counts_once_and_its_replay_as_that(stocked: Shop, counted: Counted):
    key = IdempotencyKey("caller:basket-1", "fingerprint")
    stocked.place(1, {10: 1}, key)
    assert counted() == {"OrdersConfirmed": 1}

    stocked.place(1, {10: 1}, key)
    assert counted() == {"OrdersReplayed": 1}


def test_a_rejected_order_counts_with_each_of_its_shortages(stocked: Shop, counted: Counted):
    stocked.place(1, {10: 6, 11: 2})

    assert counted() == {"OrdersRejected": 1, "Shortages": 2}


def test_each_conflict_that_is_met_counts(stocked: Shop, counted: Counted):
    transactions = stocked.wiring.orders.placement._transactions
    commit, conflicts = transactions.commit, iter([Contended("busy"), Contended("busy")])

    def contended(*arguments):
        if conflict := next(conflicts, None):
            raise conflict
        return commit(*arguments)

    transactions.commit = contended
    stocked.place(1, {10: 1})

    assert counted() == {"OrdersConfirmed": 1, "ConflictsRetried": 2}


def test_an_e_mail_counts_when_it_is_sent_and_not_when_its_message_comes_again(
    stocked: Shop, counted: Counted
):
    order = stocked.place(1, {10: 1}, email="ada@example.com")
    counted()

    for _ in range(2):
        stocked.confirm(OrderConfirmed(order_id=order.id))
    assert counted() == {"MailsSent": 1}


def test_every_run_of_the_processor_says_how_much_it_took_up(stocked: Shop, counted: Counted):
    stocked.place_personal()
    stocked.place_personal()

    stocked.tick()
    assert counted() == {"Backlog": 2}
    stocked.tick()
    assert counted() == {"Backlog": 0}


def test_every_look_at_the_catalogue_says_how_old_the_snapshot_is(stocked: Shop, counted: Counted):
    read_at = stocked.clock()
    stocked.wiring.search.pointer.move(Snapshot(1, read_at, "key", 1, "digest"))
    stocked.clock.advance(90)

    stocked.wiring.catalog.sweeper.run()
    assert counted() == {"SearchSnapshotAge": 90}
