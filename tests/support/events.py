"""Events as Lambda sends them; Chalice's own generator gives every record the same id."""

from typing import Any

from infra.local import pump


def sqs_event(*bodies: str) -> dict[str, Any]:
    """Build the event of a batch of messages with the ids id-0, id-1, …"""
    messages = [
        {"MessageId": f"id-{number}", "ReceiptHandle": f"receipt-{number}", "Body": body}
        for number, body in enumerate(bodies)
    ]
    return pump.sqs_event(messages)
