"""Everyday changes stay small: the table "To change X, open Y" of ARCHITECTURE.md, where it can be counted."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PRODUCT = PROJECT / "chalicelib"
TABLE = (PROJECT / "ARCHITECTURE.md").read_text().partition("## To change X, open Y")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| (\w.*?) \| (.*) \|$", TABLE, re.MULTILINE))


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


@pytest.mark.parametrize("change", sorted(ROWS.keys() - {"To change"}))
def test_an_everyday_change_opens_at_most_three_files_which_exist(change: str):
    named = re.findall(r"`([\w./]+\.(?:py|yaml))`", ROWS[change])

    assert 1 <= len(named) <= 3
    assert not [name for name in named if not ((PRODUCT / name).is_file() or (PROJECT / name).is_file())]
