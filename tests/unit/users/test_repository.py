"""What no database here answers by itself: contention while an account is stored."""

import pytest
from pynamodb.exceptions import TransactWriteError

from chalicelib.errors import Contended, EmailTaken
from chalicelib.users.model import User
from chalicelib.users.storage.users import UserRepository
from chalicelib.wiring import Wiring
from tests.simulator.faults import Faults, cancelled
from tests.support.settings import settings_of
from tests.support.shop import START

ANN = User(4711, "Ann", "ann@example.com", "hash", START)
CONTENTION = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")


@pytest.mark.parametrize("code", CONTENTION)
@pytest.mark.parametrize("position", [0, 1])
def test_contention_alone_is_worth_another_try(code: str, position: int):
    reasons = ["None", "None"]
    reasons[position] = code
    with pytest.raises(Contended):
        cancelled_by(reasons).add(ANN)


def test_a_taken_address_is_final_whatever_else_is_contended():
    with pytest.raises(EmailTaken):
        cancelled_by(["TransactionConflict", "ConditionalCheckFailed"]).add(ANN)


def test_any_other_reason_is_not_ours_to_explain():
    with pytest.raises(TransactWriteError):
        cancelled_by(["ValidationError", "TransactionConflict"]).add(ANN)


def cancelled_by(codes: list[str]) -> UserRepository:
    database = Wiring(settings_of("unit")).platform.database
    Faults(database).on("TransactWriteItems", cancelled(*codes))
    return UserRepository(database)
