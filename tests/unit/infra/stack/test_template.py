"""The PynamoDB models and the resources file that is deployed must not drift apart."""

import pytest
from pynamodb.attributes import TTLAttribute

from chalicelib.catalog.storage.tables import TABLE as CATALOG_TABLE
from chalicelib.catalog.storage.tables import CategoryRow, CounterRow, EditRow, ProductRow
from chalicelib.inventory.storage.tables import INVENTORY_TABLE, STORES_TABLE, StockRow, StoreRow
from chalicelib.orders.storage.tables import IDEMPOTENCY_TABLE, ORDERS_TABLE, IdempotencyRow, OrderRow
from chalicelib.platform.settings import Settings
from chalicelib.search.storage.tables import SnapshotRow
from chalicelib.users.storage.tables import (
    SESSIONS_TABLE,
    USERS_TABLE,
    EmailRow,
    RevokedSessionRow,
    UserRow,
)
from chalicelib.wiring import Wiring
from infra.stack.template import tables

MODELS = [
    (CategoryRow, CATALOG_TABLE),
    (ProductRow, CATALOG_TABLE),
    (CounterRow, CATALOG_TABLE),
    (EditRow, CATALOG_TABLE),
    (SnapshotRow, CATALOG_TABLE),
    (StoreRow, STORES_TABLE),
    (StockRow, INVENTORY_TABLE),
    (OrderRow, ORDERS_TABLE),
    (IdempotencyRow, IDEMPOTENCY_TABLE),
    (UserRow, USERS_TABLE),
    (EmailRow, USERS_TABLE),
    (RevokedSessionRow, SESSIONS_TABLE),
]


@pytest.mark.parametrize(("model", "table"), MODELS, ids=lambda value: getattr(value, "__name__", value))
def test_keys_indexes_and_time_to_live_are_the_same_in_model_and_template(model, table: str):
    settings = Settings(stage="dev")
    schema = Wiring(settings).platform.database.bind(model, table)._get_schema()
    declared = tables("dev")[settings.resource(table)]

    assert _keys(schema["key_schema"]) == _keys(declared["KeySchema"])
    assert _by_name(schema["attribute_definitions"]) == _by_name(declared["AttributeDefinitions"])
    for kind, of_model in (
        ("GlobalSecondaryIndexes", schema["global_secondary_indexes"]),
        ("LocalSecondaryIndexes", schema["local_secondary_indexes"]),
    ):
        in_template = {
            index["IndexName"]: (_keys(index["KeySchema"]), index["Projection"])
            for index in declared.get(kind, [])
        }
        in_model = {
            index["index_name"]: (_keys(index["key_schema"]), index["projection"]) for index in of_model
        }
        assert in_model == in_template
    time_to_live = [
        name for name, attribute in model.get_attributes().items() if isinstance(attribute, TTLAttribute)
    ]
    in_template = declared.get("TimeToLiveSpecification", {})
    assert time_to_live == ([in_template["AttributeName"]] if in_template.get("Enabled") else [])


def test_every_table_of_the_template_has_a_model():
    settings = Settings(stage="dev")
    assert tables("dev").keys() == {settings.resource(table) for _, table in MODELS}


def _by_name(definitions):
    return {definition["AttributeName"]: definition["AttributeType"] for definition in definitions}


def _keys(schema):
    return {key["KeyType"]: key["AttributeName"] for key in schema}
