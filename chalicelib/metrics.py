"""Counting what operators should know, as CloudWatch metrics.

A metric is a line of its own on standard output, from which CloudWatch Logs makes the metric: no call, no
agent. The format is
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import sys
import time

import msgspec

NAMESPACE = "Stockroom"


def count(name: str, value: int = 1) -> None:
    """Add to a metric.

    Args:
        name: the metric, in CamelCase as CloudWatch's own are.
        value: how many times it happened.
    """
    directive = {
        "Namespace": NAMESPACE,
        # The format wants at least one set of dimensions; this one is empty.
        "Dimensions": [[]],
        "Metrics": [{"Name": name, "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        name: value,
    }
    # The loggers would wrap it into an object of theirs. One write, so that threads do not mix their lines.
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()
