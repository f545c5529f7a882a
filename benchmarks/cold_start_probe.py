"""One cold start: imports a handler from an unpacked package, lets it handle one event, and says what it took.

It is run as a file by an interpreter that sees the standard library and the package alone, as on Lambda.
The event comes from the standard input; the line it prints is JSON.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

FLOOR = "floor"


class Context:
    """As much of Lambda's context as handlers ask for."""

    aws_request_id = "cold-start"

    def get_remaining_time_in_millis(self) -> int:
        """Return plenty of time."""
        return 60_000


def main() -> None:
    """Measure one handler; times are in milliseconds, memory in megabytes."""
    folder, handler = sys.argv[1:]
    event = json.load(sys.stdin)
    sys.path.insert(0, folder)
    cpu_begin = time.process_time()
    begin = time.perf_counter()
    function = _load(handler)
    imported = time.perf_counter()
    answer = function(event, Context()) if function else None
    end = time.perf_counter()
    found = {
        "import_ms": (imported - begin) * 1000,
        "request_ms": (end - imported) * 1000,
        "cpu_ms": (time.process_time() - cpu_begin) * 1000,
        "memory_mb": _peak_megabytes(),
        "answer": answer,
    }
    print(json.dumps(found))


def _peak_megabytes() -> float:
    # getrusage would tell the peak of the process that started this one, if that is higher.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _load(handler: str) -> Any:
    """Return a handler; of the floor, which handles nothing, only what every function imports is loaded."""
    if handler == FLOOR:
        _floor()
        return None
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _floor() -> None:
    import botocore.session
    import chalice  # noqa: F401

    botocore.session.get_session().create_client("secretsmanager")


if __name__ == "__main__":
    main()
