"""Counting what operators should know, as CloudWatch metrics.

A metric is a line of its own on standard output, from which CloudWatch Logs makes the metric: no call, no
agent. The format is
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import sys
import time
from typing import Literal

import msgspec

from chalicelib.platform.settings import settings

NAMESPACE = "Stockroom"

Unit = Literal["Count", "Seconds"]


def count(name: str, value: int = 1) -> None:
    """Add to a metric.

    Args:
        name: the metric, in CamelCase as CloudWatch's own are.
        value: how many times it happened.
    """
    measure(name, value, "Count")


def measure(name: str, value: float, unit: Unit) -> None:
    """Note how much of something there is at this moment.

    Args:
        name: the metric, in CamelCase as CloudWatch's own are.
        value: how much, in the unit.
        unit: one of those that CloudWatch knows.
    """
    if settings().log_format == "text":
        # People read this log, and CloudWatch does not.
        return
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Stage"]],
        "Metrics": [{"Name": name, "Unit": unit}],
    }
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "Stage": settings().stage,
        name: value,
    }
    # The loggers would wrap it into an object of theirs. One write, so that threads do not mix their lines.
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()
