"""What moto lacks: its PartiQL knows no conditions."""

from typing import Any

from botocore.exceptions import ClientError
from botocore.session import get_session
from moto.dynamodb.models import DynamoDBBackend

from tests.simulator.memory.statements import as_update, table_of


def execute_statements(backend: DynamoDBBackend, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer BatchExecuteStatement, each of whose statements moto carries out as an UpdateItem."""
    client = get_session().create_client("dynamodb", region_name=backend.region_name)
    return [_execute(backend, client, statement) for statement in statements]


def _execute(backend: DynamoDBBackend, client, statement: dict[str, Any]) -> dict[str, Any]:
    name = table_of(statement)
    keys = tuple(backend.tables[name].table_key_attrs)
    try:
        changed = client.update_item(**as_update(statement, keys)).get("Attributes")
    except ClientError as error:
        code = error.response["Error"]["Code"].removesuffix("Exception")
        item = {"Item": error.response["Item"]} if "Item" in error.response else {}
        return {"TableName": name, "Error": {"Code": code, "Message": code} | item}
    return {"TableName": name} | ({"Item": changed} if changed else {})
