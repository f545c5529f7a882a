"""Logging to standard output: JSON objects for machines, short lines for people."""

import logging
import re
import sys
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

from chalicelib.platform.settings import LogFormat

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Line breaks of every kind, and what moves a terminal's cursor.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class _RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class TextFormatter(logging.Formatter):
    """`12:03:04 POST /orders 201 4.1 ms`; from WARNING on with the level, and a traceback indented below.

    Control characters are escaped and tracebacks indented, so that no caller can forge a log line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with a line for each of its traceback's."""
        words = [self.formatTime(record, "%H:%M:%S"), record.getMessage()]
        if record.levelno >= logging.WARNING:
            words.insert(1, record.levelname)
        # How long a request took is a field of its own in JSON.
        if hasattr(record, "milliseconds"):
            words.append(f"{record.milliseconds} ms")
        lines = [" ".join(words)]
        if record.exc_info:
            lines += [f"  {line}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(_CONTROL.sub(lambda found: ascii(found[0])[1:-1], line) for line in lines)


def _json_formatter() -> logging.Formatter:
    """Return what writes one JSON object a line; JSON escapes line breaks by itself."""
    return JsonFormatter(
        "%(levelname)s %(name)s %(message)s %(request_id)s",
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp=True,
    )


def configure(level: str, log_format: LogFormat = "json") -> None:
    """Send every logger's lines through one handler, in place of whatever the runtime set up.

    Args:
        level: the least level that is logged.
        log_format: `json`, each object with the id of its request, or `text`.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(_RequestIdFilter())
    handler.setFormatter(TextFormatter() if log_format == "text" else _json_formatter())
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    # They say at INFO where credentials and settings came from, once per client.
    for chatty in ("botocore", "pynamodb"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
