"""Our wire and botocore's client do the same to DynamoDB and find the same, value by value."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.platform.wire.client import WireClient

# 38 digits, and magnitudes from 1E-130 to 1E+125, are what DynamoDB holds.
whole = st.integers(-(10**38) + 1, 10**38 - 1)
numbers = st.one_of(
    whole.map(str),
    st.decimals(-(10**20), 10**20, places=18).map(str),
    st.tuples(st.integers(1, 10**38 - 1), st.integers(-120, 80)).map("{0[0]}E{0[1]}".format),
)
strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
binaries = st.binary(max_size=20)
scalars = st.one_of(
    numbers.map(lambda n: {"N": n}),
    strings.map(lambda s: {"S": s}),
    binaries.map(lambda b: {"B": b}),
    st.booleans().map(lambda b: {"BOOL": b}),
    st.just({"NULL": True}),
    st.sets(whole, min_size=1, max_size=4).map(lambda ns: {"NS": [str(n) for n in ns]}),
    st.sets(strings, min_size=1, max_size=4).map(lambda ss: {"SS": sorted(ss)}),
    st.sets(binaries, min_size=1, max_size=4).map(lambda bs: {"BS": sorted(bs)}),
)
# Attributes may be called as types are.
names = st.sampled_from(["B", "BS", "S", "M"]) | strings.filter(lambda name: name.strip())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda entries: {"L": entries}),
        st.dictionaries(names, inner, max_size=4).map(lambda entries: {"M": entries}),
    ),
    max_leaves=12,
)
items = st.dictionaries(names.filter(lambda name: name != "id"), values, max_size=6)
ids = map(str, itertools.count(1))


class Both:
    """The same call, both ways."""

    def __init__(self, url: str, table: str) -> None:
        self.theirs = get_session().create_client("dynamodb", region_name="us-east-1", endpoint_url=url)
        self.ours = WireClient("dynamodb", "us-east-1", url, connect_seconds=2, read_seconds=10)
        self.table = table

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Ask for what changes nothing; both find the same."""
        theirs = self.theirs._make_api_call(operation, parameters)
        del theirs["ResponseMetadata"]
        ours = self.ours.call(operation, parameters)
        assert _unordered(ours) == _unordered(theirs)
        return ours

    def refused(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Ask for what is refused; both meet the same words."""
        with pytest.raises(ClientError) as theirs:
            self.theirs._make_api_call(operation, parameters)
        with pytest.raises(ClientError) as ours:
            self.ours.call(operation, parameters)
        assert str(ours.value) == str(theirs.value)
        assert _said(ours.value) == _said(theirs.value)
        return _said(ours.value)


def _said(error: ClientError) -> dict[str, Any]:
    said = {name: error.response.get(name) for name in ("Error", "CancellationReasons", "Item")}
    return said | {"status": error.response["ResponseMetadata"]["HTTPStatusCode"]}


def _unordered(value: Any) -> Any:
    """Return a value that is equal to another one if they differ in the order of sets at most."""
    if isinstance(value, dict):
        return {
            name: sorted(entry)
            if name in ("NS", "SS", "BS") and isinstance(entry, list)
            else _unordered(entry)
            for name, entry in value.items()
        }
    return [_unordered(entry) for entry in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def both(dynamodb_url: str) -> Iterator[Both]:
    found = Both(dynamodb_url, f"the-wire-{uuid4().hex}")
    found.theirs.create_table(
        TableName=found.table,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield found
    found.theirs.delete_table(TableName=found.table)
    found.ours.close()


@pytest.fixture
def key() -> dict[str, Any]:
    return {"id": {"S": next(ids)}}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(items)
def test_what_one_writes_both_read(both: Both, item: dict[str, Any]):
    ours, theirs = ({"id": {"S": next(ids)}} for _ in range(2))
    both.ours.call("PutItem", {"TableName": both.table, "Item": ours | item})
    both.theirs.put_item(TableName=both.table, Item=theirs | item)

    by_us, by_them = (
        both.call("GetItem", TableName=both.table, Key=key, ConsistentRead=True)["Item"]
        for key in (ours, theirs)
    )
    assert _unordered(by_us | theirs) == _unordered(by_them)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(items)
def test_reads_of_many_rows_are_the_same(both: Both, item: dict[str, Any]):
    key = {"id": {"S": next(ids)}}
    both.ours.call("BatchWriteItem", {"RequestItems": {both.table: [{"PutRequest": {"Item": key | item}}]}})
    both.call("BatchGetItem", RequestItems={both.table: {"Keys": [key], "ConsistentRead": True}})
    both.call(
        "Query",
        TableName=both.table,
        KeyConditionExpression="#0 = :0",
        ExpressionAttributeNames={"#0": "id"},
        ExpressionAttributeValues={":0": key["id"]},
        ReturnConsumedCapacity="TOTAL",
    )
    both.call("Scan", TableName=both.table, Limit=3)
    both.call("TransactGetItems", TransactItems=[{"Get": {"TableName": both.table, "Key": key}}])
    both.call(
        "BatchExecuteStatement",
        Statements=[{"Statement": f'SELECT * FROM "{both.table}" WHERE id = ?', "Parameters": [key["id"]]}],
    )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(values)
def test_changes_return_the_same(both: Both, value: dict[str, Any]):
    found = []
    for call in (both.ours.call, lambda *of: both.theirs._make_api_call(*of)):
        key = {"TableName": both.table, "Key": {"id": {"S": next(ids)}}}
        values = {"ExpressionAttributeNames": {"#v": "v"}, "ExpressionAttributeValues": {":v": value}}
        change = key | values | {"UpdateExpression": "SET #v = :v", "ReturnValues": "ALL_NEW"}
        updated = call("UpdateItem", change)
        deleted = call("DeleteItem", key | {"ReturnValues": "ALL_OLD"})
        assert _unordered(updated["Attributes"]) == _unordered(deleted["Attributes"])
        found.append(_unordered(updated["Attributes"]["v"]))
    assert found[0] == found[1]


def test_a_condition_that_failed_is_said_with_the_row(both: Both, key: dict[str, Any]):
    both.ours.call("PutItem", {"TableName": both.table, "Item": key | {"data": {"B": b"\0\xff"}}})
    said = both.refused(
        "PutItem",
        TableName=both.table,
        Item=key,
        ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert said["Error"]["Code"] == "ConditionalCheckFailedException"
    assert said["Item"] == key | {"data": {"B": b"\0\xff"}}


def test_a_cancelled_transaction_is_said_with_its_reasons_and_rows(both: Both, key: dict[str, Any]):
    both.ours.call("PutItem", {"TableName": both.table, "Item": key | {"data": {"B": b"\0\xff"}}})
    missing = {
        "TableName": both.table,
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    said = both.refused(
        "TransactWriteItems",
        TransactItems=[
            {"Put": missing | {"Item": {"id": {"S": next(ids)}}}},
            {"Put": missing | {"Item": key}},
        ],
    )
    free, taken = said["CancellationReasons"]
    assert free["Code"] == "None"
    assert taken["Code"] == "ConditionalCheckFailed"
    assert taken["Item"] == key | {"data": {"B": b"\0\xff"}}


def test_a_transaction_is_carried_out(both: Both, key: dict[str, Any]):
    put = {"Put": {"TableName": both.table, "Item": key}}
    assert (
        both.call("TransactWriteItems", TransactItems=[put], ClientRequestToken="token-" + key["id"]["S"])
        == {}
    )
    assert both.call("GetItem", TableName=both.table, Key=key, ConsistentRead=True) == {"Item": key}


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("GetItem", {"TableName": "no-such-table", "Key": {"id": {"S": "1"}}}, "ResourceNotFoundException"),
        ("GetItem", {"Key": {"other": {"S": "1"}}}, "ValidationException"),
        ("PutItem", {"Item": {"id": {"S": "1"}, "n": {"N": "1E999"}}}, "ValidationException"),
        ("Query", {"KeyConditionExpression": "id >"}, "ValidationException"),
    ],
)
def test_a_refusal_is_said_in_the_same_words(
    both: Both, operation: str, parameters: dict[str, Any], code: str
):
    said = both.refused(operation, **({"TableName": both.table} | parameters))
    assert said["Error"]["Code"] == code


def test_an_event_before_sending_sees_the_same_request(both: Both, key: dict[str, Any]):
    seen = {}
    for name, events in {"ours": both.ours.events, "theirs": both.theirs.meta.events}.items():

        def see(request: Any, event_name: str, name: str = name, **_: Any) -> None:
            seen[name] = SimpleNamespace(event=event_name, url=request.url, body=request.body)

        events.register_first("before-send.*.*", see)
    both.call("GetItem", TableName=both.table, Key=key)
    assert seen["ours"].event == seen["theirs"].event == "before-send.dynamodb.GetItem"
    assert seen["ours"].url == seen["theirs"].url
