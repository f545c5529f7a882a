"""What requests cost on AWS, and what systems that are always on cost there: list prices and plain assumptions."""

import math
from dataclasses import dataclass

import msgspec

from benchmarks.routes.counting import Traffic
from benchmarks.routes.rows import Row

# Public list prices in dollars, region us-east-1, on demand, without free tiers and discounts, as of 2026.
# To be looked up again before they are relied on.
SOURCES = {
    "Lambda": "https://aws.amazon.com/lambda/pricing/",
    "DynamoDB": "https://aws.amazon.com/dynamodb/pricing/on-demand/",
    "SQS": "https://aws.amazon.com/sqs/pricing/",
    "SES": "https://aws.amazon.com/ses/pricing/",
    "S3": "https://aws.amazon.com/s3/pricing/",
    "API Gateway": "https://aws.amazon.com/api-gateway/pricing/",
    "EC2": "https://aws.amazon.com/ec2/pricing/on-demand/",
    "RDS": "https://aws.amazon.com/rds/postgresql/pricing/",
    "ElastiCache": "https://aws.amazon.com/elasticache/pricing/",
    "load balancer": "https://aws.amazon.com/elasticloadbalancing/pricing/",
}
AS_OF = "2026"
PER_MILLION = {
    "Lambda, requests (arm64)": 0.20,
    "DynamoDB, read request units": 0.125,
    "DynamoDB, write request units": 0.625,
    "SQS, requests (standard)": 0.40,
    "SES, mails": 100.0,
    "S3, PUT and LIST": 5.0,
    "API Gateway, REST requests": 3.50,
}
LAMBDA_GB_SECOND = 0.0000133334
PER_HOUR = {
    "t4g.small": 0.0168,
    "c7g.large": 0.0725,
    "db.t4g.medium, Multi-AZ": 0.129,
    "db.m6g.xlarge, Multi-AZ": 0.636,
    "cache.t4g.micro": 0.016,
    "application load balancer": 0.0225,
}

HOURS_A_MONTH = 730
MINUTES_A_MONTH = HOURS_A_MONTH * 60
# Lambda gives a function with this much memory one core, and others their share.
FULL_CORE_MB = 1769
# How long a function waits for an answer, assumed; one after another, which is the most it can be.
WAIT_MS = {"DynamoDB": 5.0, "SQS": 10.0, "SES": 40.0, "S3": 40.0, "Redis": 1.0}
# Lambda takes a batch from its queue, and deletes it.
SQS_REQUESTS_A_BATCH = 2
# Lambda's five pollers of each of three queues ask every twenty seconds, also when there is nothing.
IDLE_POLLS_A_MINUTE = 3 * 5 * 3
ORDERS_A_MINUTE = (1, 100, 10_000)

# The peers: two small instances run their web and background processes, and cores are half busy at the most.
BUSY = 0.5
CORES = 2
LEAST_INSTANCES = 2


class Cost(msgspec.Struct, frozen=True):
    """Dollars for a million calls of a kind, or for a million orders where one call handles several."""

    name: str
    function_ms: float
    lambda_: float
    api_gateway: float
    dynamodb: float
    sqs: float
    s3: float
    total: float
    mail_apart: float


class Monthly(msgspec.Struct, frozen=True):
    """Dollars a month for so many orders a minute, without mail, storage and logs."""

    orders_a_minute: int
    ours: float
    peers: float
    peers_set_up: str


def cost(row: Row, cpu_ms: float, traffic: Traffic) -> Cost:
    """Return what a million cost."""
    trips = traffic.trips
    waits = sum(WAIT_MS[service] * count for service, count in trips.items())
    function_ms = cpu_ms * max(1.0, FULL_CORE_MB / row.memory_mb) + waits
    gigabyte_seconds = math.ceil(function_ms) / 1e3 * row.memory_mb / 1024
    lambda_ = gigabyte_seconds * LAMBDA_GB_SECOND * 1e6 + PER_MILLION["Lambda, requests (arm64)"]
    from_queue = SQS_REQUESTS_A_BATCH if row.source == "queue" else 0
    parts = {
        "lambda_": lambda_,
        "api_gateway": PER_MILLION["API Gateway, REST requests"] if row.source == "request" else 0.0,
        "dynamodb": traffic.reads * PER_MILLION["DynamoDB, read request units"]
        + traffic.writes * PER_MILLION["DynamoDB, write request units"],
        "sqs": (trips.get("SQS", 0) + from_queue) * PER_MILLION["SQS, requests (standard)"],
        "s3": trips.get("S3", 0) * PER_MILLION["S3, PUT and LIST"],
    }
    parts = {name: round(dollars / row.handles, 2) for name, dollars in parts.items()}
    return Cost(
        name=row.name,
        function_ms=round(function_ms, 1),
        total=round(sum(parts.values()), 2),
        mail_apart=round(trips.get("SES", 0) * PER_MILLION["SES, mails"] / row.handles, 2),
        **parts,
    )


@dataclass(frozen=True, slots=True)
class _SetUp:
    instance: str
    database: str


def monthly(order_total: float, background_total: float, peer_ms: float) -> list[Monthly]:
    """Compare a month of store orders.

    Args:
        order_total: dollars for a million store orders.
        background_total: dollars for their confirmations.
        peer_ms: CPU of a peer for an order and its confirmation.
    """
    found = []
    for a_minute in ORDERS_A_MINUTE:
        millions = a_minute * MINUTES_A_MONTH / 1e6
        idle = IDLE_POLLS_A_MINUTE * MINUTES_A_MONTH / 1e6 * PER_MILLION["SQS, requests (standard)"]
        cores = a_minute / 60 * peer_ms / 1e3
        set_up = (
            _SetUp("t4g.small", "db.t4g.medium, Multi-AZ")
            if cores < BUSY
            else _SetUp("c7g.large", "db.m6g.xlarge, Multi-AZ")
        )
        count = max(LEAST_INSTANCES, math.ceil(cores / (BUSY * CORES)))
        hourly = (
            count * PER_HOUR[set_up.instance]
            + PER_HOUR[set_up.database]
            + PER_HOUR["cache.t4g.micro"]
            + PER_HOUR["application load balancer"]
        )
        found.append(
            Monthly(
                a_minute,
                round(millions * (order_total + background_total) + idle, 2),
                round(hourly * HOURS_A_MONTH, 2),
                f"{count} x {set_up.instance}, {set_up.database}, cache.t4g.micro, load balancer",
            )
        )
    return found
