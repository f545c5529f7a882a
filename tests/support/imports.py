"""What a Lambda function loads: its handler's module, imported bare in an interpreter of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

# Prints the modules that are there after the import, and after one event was handled.
_PROBE = """
import importlib, json, sys

class Context:
    aws_request_id = "probe"
    def get_remaining_time_in_millis(self):
        return 20_000

module, _, function = sys.argv[1].rpartition(".")
handler = getattr(importlib.import_module(module), function)
imported = sorted(sys.modules)
outcome = "answered"
if sys.argv[2] != "null":
    try:
        handler(json.loads(sys.argv[2]), Context())
    except Exception as error:
        outcome = type(error).__name__
print(json.dumps([imported, sorted(sys.modules), outcome]))
"""


@dataclass(frozen=True)
class Loaded:
    """The modules a function had loaded after its import and after its first event, and how that ended."""

    imported: frozenset[str]
    handled: frozenset[str]
    outcome: str


def load(handler: str, event: dict[str, Any] | None = None, **environment: str) -> Loaded:
    """Import a handler in a fresh interpreter and, if there is an event, let it handle that.

    Args:
        handler: the function as Lambda is told it, e.g. `app.app`.
        event: what it is called with.
        environment: variables beside this process's own.
    """
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE, handler, json.dumps(event)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    imported, handled, outcome = json.loads(answer.stdout.splitlines()[-1])
    return Loaded(frozenset(imported), frozenset(handled), outcome)


def packages_of(modules: frozenset[str]) -> set[str]:
    """Return the names of the top-level packages among modules."""
    return {name.partition(".")[0] for name in modules}


def features_of(modules: frozenset[str]) -> set[str]:
    """Return the names of the product's folders among modules."""
    return {name.split(".")[1] for name in modules if name.startswith("chalicelib.") and name.count(".") > 1}
