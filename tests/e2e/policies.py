"""What functions call, as IAM sees it, and what their policies allow."""

import fnmatch
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.simulator.memory.statements import table_of

ACCOUNT = "us-east-1:000000000000"
# Parts of a transaction are allowed one by one:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


class Permission(NamedTuple):
    """An action on a resource; in a policy, the resource may be a pattern."""

    action: str
    resource: str

    def allows(self, needed: "Permission") -> bool:
        return self.action == needed.action and fnmatch.fnmatchcase(needed.resource, self.resource)


def needed(recorded: Path) -> dict[str, set[Permission]]:
    """Return what each function needs for the calls that were recorded of it."""
    found: dict[str, set[Permission]] = {}
    for line in recorded.read_text().splitlines():
        call = json.loads(line)
        permissions = found.setdefault(call["function"], set())
        permissions.update(_permissions(call["service"], call["operation"], call["parameters"]))
    return found


def granted(documents: list[dict[str, Any]]) -> set[Permission]:
    """Return what policies grant."""
    return {
        Permission(action, resource)
        for document in documents
        for statement in document["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _permissions(service: str, operation: str, given: dict[str, Any]) -> Iterator[Permission]:
    match service:
        case "dynamodb":
            yield from _of_tables(operation, given)
        case "s3":
            yield from _of_a_bucket(operation, f"arn:aws:s3:::{given['Bucket']}", given)
        case "sqs":
            queue = given["QueueUrl"].rsplit("/", 1)[1]
            yield Permission(f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{ACCOUNT}:{queue}")
        case "secretsmanager":
            yield Permission(f"secretsmanager:{operation}", given["SecretId"])
        case "ses":
            yield Permission(f"ses:{operation}", f"arn:aws:ses:{ACCOUNT}:identity/{given['Source']}")
        case _:
            raise AssertionError(f"{service}.{operation} is in no policy that this test knows")


def _of_tables(operation: str, given: dict[str, Any]) -> Iterator[Permission]:
    match operation:
        case "TransactWriteItems":
            for item in given["TransactItems"]:
                for part, content in item.items():
                    yield Permission(f"dynamodb:{PARTS[part]}", _table(content["TableName"]))
        case "BatchGetItem" | "BatchWriteItem":
            for table in given["RequestItems"]:
                yield Permission(f"dynamodb:{operation}", _table(table))
        case "BatchExecuteStatement":
            for statement in given["Statements"]:
                yield Permission("dynamodb:PartiQLUpdate", _table(table_of(statement)))
        case _:
            index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
            yield Permission(f"dynamodb:{operation}", _table(given["TableName"]) + index)


def _of_a_bucket(operation: str, bucket: str, given: dict[str, Any]) -> Iterator[Permission]:
    match operation:
        case "ListObjectsV2":
            yield Permission("s3:ListBucket", bucket)
        case "DeleteObjects":
            for item in given["Delete"]["Objects"]:
                yield Permission("s3:DeleteObject", f"{bucket}/{item['Key']}")
        case _:
            yield Permission(f"s3:{operation}", f"{bucket}/{given['Key']}")


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{ACCOUNT}:table/{name}"
