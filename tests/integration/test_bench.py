"""The benchmark of routes goes on measuring every one of them, and says the same in both of its files."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from app import app
from benchmarks.routes.floors import Signer
from benchmarks.routes.report import BEGIN, END, number
from benchmarks.routes.units import size, targets, write_units

PROJECT = Path(__file__).parents[2]
HAND_WRITTEN = "# Performance\n\nBefore.\n\n"
MORE_BY_HAND = "\n\nAfter.\n"
# All but the one that only asks whether there is something to do.
MEASURED_FUNCTIONS = {"send_confirmation", "process_pending_orders", "complete_orders", "refresh_search"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, dynamodb_url: str) -> tuple[str, dict, str]:
    """Run it once; return what it printed, and what it wrote."""
    folder = tmp_path_factory.mktemp("bench")
    page = folder / "performance.md"
    page.write_text(f"{HAND_WRITTEN}{BEGIN}\nold\n{END}{MORE_BY_HAND}")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.routes", "--smoke", "--out", str(folder)],
        cwd=PROJECT, capture_output=True, text=True, timeout=170, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "round 1 of 1" in done.stderr
    return done.stdout, json.loads((folder / "performance.json").read_text()), page.read_text()


def _tables(printed: str) -> list[list[list[str]]]:
    """Return the rows of each table, without its head."""
    tables: list[list[list[str]]] = []
    before = ""
    for line in printed.splitlines():
        if line.startswith("|---"):
            tables.append([])
        elif line.startswith("|") and before.startswith("|"):
            tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
        before = line
    return tables


def test_its_tables_have_every_row_that_the_json_has(ran):
    printed, found, _ = ran
    cpu, traffic, growth, costs, monthly = _tables(printed)

    assert [(row[0], row[1], row[3]) for row in cpu] == [
        (row["name"], number(row["cpu_ms"]), number(row["wire_ms"] or None)) for row in found["routes"]
    ]
    assert [(row[0], row[1], row[-1]) for row in traffic] == [
        (row["name"], number(row["trips"].get("DynamoDB"), 0), number(row["writes"] or None, 1))
        for row in found["routes"]
    ]
    assert [(row[0], row[1], row[3], int(row[5])) for row in growth] == [
        (row["name"], f"{row['size']:,}", number(row["cpu_ms"]), row["round_trips"])
        for row in found["growth"]
    ]
    assert [(row[0], row[-2]) for row in costs] == [
        (row["name"], number(row["total"])) for row in found["costs"]
    ]
    assert [row[:3] for row in monthly] == [
        [f"{row['orders_a_minute']:,}", number(row["ours"]), number(row["peers"])] for row in found["monthly"]
    ]


def test_it_measures_every_function_and_kind_of_route(ran):
    _, found, _ = ran
    names = [row["name"] for row in found["routes"]]
    functions = {source.handler_string.rpartition(".")[2] for source in app.event_sources}

    assert functions - {"watch_catalog"} == MEASURED_FUNCTIONS
    for beginning in (
        *MEASURED_FUNCTIONS, "POST store order, 2", "POST store order, rej", "POST personal", "GET own", "PATCH",
        "GET inventory, 20 ", "GET inventory, 320", "search, 6 hits", "suggest", "a limited", "POST reg", "POST login",
    ):  # fmt: skip
        assert any(name.startswith(beginning) for name in names), beginning
    assert len({row["name"] for row in found["growth"]}) == 5
    assert all(row["botocore_ms"] > 0 for row in found["routes"] if row["trips"].get("DynamoDB"))


def test_it_leaves_what_people_wrote_and_replaces_what_it_wrote(ran):
    printed, _, page = ran

    assert page.startswith(HAND_WRITTEN + BEGIN)
    assert page.endswith(END + MORE_BY_HAND)
    assert printed.strip() in page
    assert "\nold\n" not in page


def test_its_signer_signs_as_botocore_does(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    now, body, target = datetime.now(UTC), b'{"a": 1}', "DynamoDB_20120810.Query"
    ours = Signer("dynamodb", "127.0.0.1:8000", "1.0").headers(target, body, now)
    request = AWSRequest(
        "POST", "http://127.0.0.1:8000/", {"Content-Type": ours["Content-Type"], "X-Amz-Target": target}, body
    )
    signer = SigV4Auth(Credentials("test", "test"), "dynamodb", "us-east-1")
    request.context["timestamp"] = ours["X-Amz-Date"]
    request.headers["X-Amz-Date"] = ours["X-Amz-Date"]
    text = signer.string_to_sign(request, signer.canonical_request(request))

    assert ours["Authorization"].endswith(f"Signature={signer.signature(text, request)}")


TABLE = {
    "KeySchema": [{"AttributeName": "id"}],
    "GlobalSecondaryIndexes": [
        {"KeySchema": [{"AttributeName": "user"}], "Projection": {"ProjectionType": "ALL"}},
        {"KeySchema": [{"AttributeName": "due"}], "Projection": {"ProjectionType": "KEYS_ONLY"}},
    ],
}
ROW = {"id": {"N": "1"}, "text": {"S": "x"}}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, ROW, 1),
        (None, ROW | {"user": {"N": "7"}}, 2),
        (ROW | {"user": {"N": "7"}}, ROW | {"user": {"N": "7"}, "more": {"S": "y"}}, 2),
        (ROW | {"due": {"N": "7"}}, ROW | {"due": {"N": "7"}, "more": {"S": "y"}}, 1),
        (ROW | {"due": {"N": "7"}}, ROW | {"due": {"N": "8"}}, 3),
        (ROW | {"due": {"N": "7"}}, ROW, 2),
        (ROW, ROW, 1),
        (ROW, None, 1),
        (None, None, 1),
        (None, {"id": {"N": "1"}, "text": {"S": "x" * 1024}}, 2),
    ],
)
def test_units_of_a_write_follow_its_rows_and_indexes(before, after, units):
    assert write_units(before, after, TABLE, transactional=False) == units
    assert write_units(before, after, TABLE, transactional=True) == 2 * units


def test_rows_are_found_in_every_kind_of_write():
    statement = {
        "Statement": 'UPDATE "t" SET "a" = ? SET b = ? WHERE "id" = ? AND c = ?',
        "Parameters": [{"S": "1"}, {"S": "2"}, {"N": "3"}, {"S": "4"}],
    }
    wanted = [("t", {"id": {"N": "3"}})]

    def found(operation: str, request: dict) -> list:
        return list(targets(operation, request, lambda _: ["id"]))

    assert found("BatchExecuteStatement", {"Statements": [statement]}) == wanted
    assert found("UpdateItem", {"TableName": "t", "Key": {"id": {"N": "3"}}}) == wanted
    item = {"id": {"N": "3"}, "a": {"S": "1"}}
    assert (
        found("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t", "Item": item}}]}) == wanted
    )
    assert found("BatchWriteItem", {"RequestItems": {"t": [{"PutRequest": {"Item": item}}]}}) == wanted
    assert found("Query", {"TableName": "t"}) == []


def test_sizes_are_those_of_names_and_values():
    assert size({"M": {"ab": {"S": "é"}, "c": {"L": [{"BOOL": True}]}}}) == 3 + (1 + 2 + 2) + (1 + 1 + 3 + 2)
