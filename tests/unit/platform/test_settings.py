import re
from pathlib import Path

import pytest

from chalicelib.platform.settings import InvalidSettings, Settings

README = Path(__file__).parents[3] / "README.md"


def test_without_an_environment_every_setting_has_its_default():
    assert Settings.from_environment({}) == Settings()


def test_a_setting_is_read_from_the_variable_of_its_name_in_capitals():
    settings = Settings.from_environment(
        {"LOG_LEVEL": "DEBUG", "ORDER_DEADLINE_SECONDS": "1.5", "OTHER": "x"}
    )
    assert (settings.log_level, settings.order_deadline_seconds) == ("DEBUG", 1.5)


def test_a_variable_that_is_empty_counts_as_not_set():
    assert Settings.from_environment({"MAX_BODY_BYTES": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MAX_BODY_BYTES", "lots"),
        ("MAX_BODY_BYTES", "10"),
        ("ORDER_DEADLINE_SECONDS", "0"),
        ("ORDER_DEADLINE_SECONDS", "-1"),
        ("CONFIRMATION_RETRY_SECONDS", "1.5"),
        ("STAGE", "Not A Stage"),
    ],
)
def test_a_value_that_a_setting_cannot_take_is_refused_by_name(variable: str, value: str):
    with pytest.raises(InvalidSettings, match=variable.lower()):
        Settings.from_environment({variable: value})


def test_the_table_in_the_readme_names_every_setting_with_its_default():
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (?:`([^`]*)`)? ?\|", README.read_text(), re.MULTILINE)
    documented = dict(rows)
    defaults = Settings()
    expected = {field.upper(): f"{getattr(defaults, field)}" for field in Settings.__struct_fields__}
    # No key is printed, not even the one that is good for one machine only.
    expected["JWT_KEYS"] = ""
    assert {name: documented.get(name) for name in expected} == expected
    only_for_make_run = {"PORT": "8000", "SCHEDULE_SECONDS": "120"}
    assert documented.keys() - expected.keys() == only_for_make_run.keys()
    assert {name: documented[name] for name in only_for_make_run} == only_for_make_run
