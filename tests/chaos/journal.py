"""What the processes of a chaos run have seen, in files: a line is there once it is written, whichever process is killed."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalicelib.orders.placement import Placement
from tests.simulator.actors import Memory, Request


class Journal:
    """The file of one process; each line is one write to it, so that none is ever half there."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, what: str, **facts: Any) -> None:
        """Write a line."""
        os.write(self._file, json.dumps({"what": what, **facts}).encode() + b"\n")


class NotedMemory(Memory):
    """A memory that survives its process."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal
        self._lock = threading.Lock()

    def answer(self, request: Request, key: str | None, placement: Placement) -> None:
        with self._lock:
            super().answer(request, key, placement)
            status, user_id = self.orders[placement.order.id]
        self._journal.note("answer", order=placement.order.id, key=key, status=status, user=user_id)

    def no_answer(self) -> None:
        self._journal.note("no answer")

    def cancellation(self, order_id: int) -> None:
        self._journal.note("cancelled", order=order_id)

    def note_violation(self, wrong: str) -> None:
        self._journal.note("wrong", text=wrong)


class Journals:
    """What all processes have seen, added up."""

    def __init__(self, folder: Path) -> None:
        self.memory = Memory()
        self.mails: Counter[int] = Counter()
        self.allowed_mails: Counter[int] = Counter()
        self.fulfilled: Counter[int] = Counter()
        self.counts: Counter[str] = Counter()
        self._first_of_key: dict[str, int] = {}
        for line in _lines(folder):
            self.counts[line["what"]] += line.get("times", 1)
            self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        match line["what"]:
            case "answer":
                self._take_answer(line)
            case "no answer":
                self.memory.no_answer()
            case "killed":
                # Each of its threads may have been waiting for an answer.
                self.memory.unanswered += line["threads"]
            case "cancelled":
                self.memory.cancellation(line["order"])
            case "wrong":
                self.memory.note_violation(line["text"])
            case "mail":
                self.mails[line["order"]] += 1
            case "allowed mail":
                self.allowed_mails[line["order"]] += 1
            case "fulfilled":
                self.fulfilled[line["order"]] += 1

    def _take_answer(self, line: dict[str, Any]) -> None:
        order_id, key = line["order"], line["key"]
        self.memory.orders.setdefault(order_id, (line["status"], line["user"]))
        if key:
            first = self._first_of_key.setdefault(key, order_id)
            if first != order_id:
                self.memory.note_violation(f"key {key} has order #{first} and order #{order_id}")


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        with file.open() as lines:
            yield from map(json.loads, lines)
