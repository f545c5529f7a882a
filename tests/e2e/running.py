"""Starting `make run` as a user would, and stopping it again."""

import os
import signal
import subprocess
import threading

import psutil

from infra.local.processes import free_port
from tests.e2e.client import Client
from tests.support.commands import PROJECT

READY_SECONDS = 120


class Running(Client):
    """The product, started by its command; its output is kept."""

    def __init__(self, **variables: str) -> None:
        self.port = free_port()
        super().__init__(f"http://127.0.0.1:{self.port}")
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            ["make", "run", f"PORT={self.port}", *(f"{name}={value}" for name, value in variables.items())],
            cwd=PROJECT,
            env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self.wait_for("Stockroom is ready", READY_SECONDS), self.output
        self.family = psutil.Process(self._process.pid).children(recursive=True)

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str, seconds: float) -> bool:
        """Wait until a line of the output holds this text."""
        with self._news:
            return self._news.wait_for(
                lambda: any(text in line for line in self.lines) or self._ended(), seconds
            ) and any(text in line for line in self.lines)

    def count(self, text: str) -> int:
        """Return how often the output holds this text."""
        return self.output.count(text)

    def stop(self, number: int = signal.SIGTERM) -> bool:
        """Stop as a user does: Ctrl-C reaches all of a terminal's processes, SIGTERM only the command.

        Returns:
            Whether it ended in good order, and nothing that it started is left.
        """
        if number == signal.SIGINT:
            os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)
        self._process.wait(30)
        _, alive = psutil.wait_procs(self.family, timeout=10)
        self._reader.join(10)
        self._process.stdout.close()
        return not alive and "Stockroom has stopped." in self.output

    def _read(self) -> None:
        for line in self._process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _ended(self) -> bool:
        return self._process.poll() is not None
