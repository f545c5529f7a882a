import types
from typing import get_args, get_type_hints

import pytest
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.inventory.storage.tables import StockItem, StockRow, item_key
from chalicelib.platform.dynamodb.attributes import MoneyAttribute
from chalicelib.platform.dynamodb.items import Amount, Text, Whole

READ_AS = {NumberAttribute: Whole, UnicodeAttribute: Text, MoneyAttribute: Amount}


@pytest.mark.parametrize("name", StockItem.__struct_fields__)
def test_a_typed_read_has_the_attributes_of_the_model(name: str):
    attribute = StockRow.get_attributes()[name]
    assert attribute.attr_name == name
    hint = get_type_hints(StockItem)[name]
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    assert kinds[0] is READ_AS[type(attribute)]
    assert kinds[0].__struct_fields__ == (attribute.attr_type,)
    assert (types.NoneType in kinds) is attribute.null


def test_a_key_is_the_one_of_the_model():
    assert list(item_key(7, 10)) == [StockRow._hash_keyname, StockRow._range_keyname]
