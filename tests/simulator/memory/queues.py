"""SQS in memory: queues that deliver late, twice and in any order, as a standard queue may."""

import random
from dataclasses import dataclass, field
from typing import Any

from chalicelib.platform.clock import Clock


@dataclass(slots=True)
class Message:
    """A message, and from when on it may be received (epoch seconds)."""

    id: str
    body: str
    visible_at: float
    received: int = 0


@dataclass
class MemoryQueue:
    """One queue.

    Args:
        chance: chooses what is delivered next, and what comes twice.
        visibility_seconds: how long a received message stays hidden.
        duplicate: how likely a sent message is there twice.
    """

    chance: random.Random
    visibility_seconds: float = 180.0
    duplicate: float = 0.0
    messages: dict[str, Message] = field(default_factory=dict)
    sent: int = 0
    duplicated: int = 0

    def send(self, body: str, delay_seconds: float, now: float) -> str:
        copies = 1 + (self.chance.random() < self.duplicate)
        self.duplicated += copies - 1
        for _ in range(copies):
            self.sent += 1
            message = Message(f"m{self.sent}", body, now + delay_seconds)
            self.messages[message.id] = message
        return message.id

    def receive(self, limit: int, now: float) -> list[Message]:
        """Return messages in no order and hide them for a while; they are there until they are deleted."""
        visible = [message for message in self.messages.values() if message.visible_at <= now]
        chosen = self.chance.sample(visible, min(limit, len(visible)))
        for message in chosen:
            message.visible_at = now + self.visibility_seconds
            message.received += 1
        return chosen

    def delete(self, message_id: str) -> None:
        self.messages.pop(message_id, None)


class MemorySqs:
    """Answers requests to SQS; a queue is there as soon as it is named."""

    def __init__(self, chance: random.Random, clock: Clock, duplicate: float = 0.0) -> None:
        self._chance, self._clock, self._duplicate = chance, clock, duplicate
        self.queues: dict[str, MemoryQueue] = {}

    def queue(self, url: str) -> MemoryQueue:
        if url not in self.queues:
            self.queues[url] = MemoryQueue(self._chance, duplicate=self._duplicate)
        return self.queues[url]

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        queue, now = self.queue(request["QueueUrl"]), self._clock().timestamp()
        match operation:
            case "SendMessageBatch":
                sent = [
                    {
                        "Id": entry["Id"],
                        "MessageId": queue.send(entry["MessageBody"], entry["DelaySeconds"], now),
                    }
                    for entry in request["Entries"]
                ]
                return {"Successful": sent, "Failed": []}
            case "ReceiveMessage":
                messages = queue.receive(request["MaxNumberOfMessages"], now)
                return {
                    "Messages": [
                        {"MessageId": message.id, "ReceiptHandle": message.id, "Body": message.body}
                        for message in messages
                    ]
                }
            case "DeleteMessage":
                queue.delete(request["ReceiptHandle"])
                return {}
            case "GetQueueAttributes":
                return {"Attributes": {"QueueArn": request["QueueUrl"]}}
        raise NotImplementedError(operation)
