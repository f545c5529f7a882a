"""What no database here answers by itself: contention while an account is stored."""

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import TransactWriteError

from chalicelib.errors import Contended, EmailTaken
from chalicelib.platform.dynamodb.database import Database
from chalicelib.users.model import User
from chalicelib.users.storage.users import UserRepository
from tests.support.settings import settings_of
from tests.support.shop import START

ANN = User(4711, "Ann", "ann@example.com", "hash", START)
CONTENTION = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")


@pytest.mark.parametrize("code", CONTENTION)
@pytest.mark.parametrize("position", [0, 1])
def test_contention_alone_is_worth_another_try(monkeypatch, code: str, position: int):
    reasons = ["None", "None"]
    reasons[position] = code
    with pytest.raises(Contended):
        cancelled_by(monkeypatch, reasons).add(ANN)


def test_a_taken_address_is_final_whatever_else_is_contended(monkeypatch):
    with pytest.raises(EmailTaken):
        cancelled_by(monkeypatch, ["TransactionConflict", "ConditionalCheckFailed"]).add(ANN)


def test_any_other_reason_is_not_ours_to_explain(monkeypatch):
    with pytest.raises(TransactWriteError):
        cancelled_by(monkeypatch, ["ValidationError", "TransactionConflict"]).add(ANN)


def cancelled_by(monkeypatch, codes: list[str]) -> UserRepository:
    database = Database(settings_of("unit"))
    answer = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }

    def refuse(*_args) -> None:
        raise ClientError(answer, "TransactWriteItems")

    monkeypatch.setattr(database.connection.client, "_make_api_call", refuse)
    return UserRepository(database)
