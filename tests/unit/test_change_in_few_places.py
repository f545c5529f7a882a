"""Everyday changes stay small: the table "To change X, open Y" of ARCHITECTURE.md, where it can be counted."""

import re
from pathlib import Path

import pytest

PRODUCT = Path(__file__).parents[2] / "chalicelib"


@pytest.mark.parametrize("field", ["product_name", "customer_email"])
def test_a_field_of_an_order_is_named_in_at_most_three_files_beside_those_that_use_it(field: str):
    naming = {
        path.relative_to(PRODUCT).as_posix()
        for path in PRODUCT.rglob("*.py")
        if re.search(rf"\b{field}\b", path.read_text())
    }

    assert naming - {"notifications/confirmation.py"} == {
        "orders/model.py",
        "orders/payloads.py",
        "orders/storage/tables.py",
    }
