"""Dependencies: pinned once and exactly, from no special place, and clear of weaknesses that are known here.

`make audit` asks for what became known since; it needs the network, and this does not.
"""

import re
from pathlib import Path

import pytest
from packaging.version import Version

PROJECT = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[0-9][0-9a-z.]*)( ; (?P<marker>[^#]+?))? +# via .+"
)

# What the functions import that was weak once: the first version without the weakness. All of them can be looked
# up as https://osv.dev/vulnerability/<advisory>.
FIXED_IN = [
    ("pyjwt", "CVE-2022-29217", "2.4.0"),
    ("pyjwt", "CVE-2024-53861", "2.10.1"),
    ("pyjwt", "CVE-2026-32597", "2.12.1"),
    ("python-json-logger", "CVE-2025-27607", "3.3.0"),
    ("redis", "CVE-2023-28858", "4.5.3"),
    ("redis", "CVE-2023-28859", "4.5.4"),
    ("urllib3", "CVE-2025-50181", "2.5.0"),
    ("urllib3", "CVE-2025-66418", "2.6.0"),
    ("urllib3", "CVE-2025-66471", "2.6.0"),
    ("urllib3", "CVE-2026-21441", "2.6.3"),
    ("urllib3", "CVE-2026-44431", "2.7.0"),
    ("urllib3", "CVE-2026-44432", "2.7.0"),
]


def pins(file: str) -> list[re.Match[str]]:
    """Return the pins of a file; a line that is no exact pin of one version fails."""
    lines = (PROJECT / file).read_text().splitlines()
    found = [PIN.fullmatch(line.strip()) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if not match]
    return found


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_exactly_and_comes_from_no_special_place(file: str):
    assert len(pins(file)) > 10
    assert not re.search(r"://|@|--(index|extra|find|trusted)", (PROJECT / file).read_text())


@pytest.mark.parametrize("file", FILES)
def test_no_requirement_has_two_versions_for_one_place(file: str):
    keys = [(pin["name"], pin["marker"]) for pin in pins(file)]
    several = {pin["name"] for pin in pins(file) if [name for name, _ in keys].count(pin["name"]) > 1}

    assert len(keys) == len(set(keys))
    assert all(marker for name, marker in keys if name in several)


def test_what_the_functions_import_is_what_is_tested():
    tested = {(pin["name"], pin["version"]) for pin in pins("requirements-dev.txt")}

    assert {(pin["name"], pin["version"]) for pin in pins("requirements.txt")} <= tested


@pytest.mark.parametrize(("name", "advisory", "fixed"), FIXED_IN)
def test_a_known_weakness_is_not_in_what_the_functions_import(name: str, advisory: str, fixed: str):
    (pin,) = (pin for pin in pins("requirements.txt") if pin["name"] == name)

    assert Version(pin["version"]) >= Version(fixed), advisory
