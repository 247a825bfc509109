"""The local shop in a process of its own: started, watched, asked, ended."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local import environment
from tests.ops.local import wait_until

SHOP = ("-m", "tests.ops.local_shop")
NEVER = "1e9"
"""Seconds a minute: no job runs during a test that is not about jobs."""
READY = re.compile(r"^Souk is ready at http://127\.0\.0\.1:(\d+)/api$")


class Running:
    """One run of the local shop in a process of its own."""

    def __init__(self, data: Path, command: tuple[str, ...] = SHOP, **env: str) -> None:
        self.data = data
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=environment.ROOT,
            env={**os.environ, "SOUK_DATA": str(data), "PORT": "0", "SOUK_TICK_SECONDS": NEVER, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_until_ready(self) -> "Running":
        wait_until(
            lambda: self.port or self.process.poll() is not None, f"the ready line in {self.lines}", 60
        )
        assert self.process.poll() is None, self.output
        return self

    @property
    def port(self) -> int:
        return next((int(match.group(1)) for line in self.lines if (match := READY.match(line))), 0)

    def ask(self, method: str, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request(method, path)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    def notes(self) -> Any:
        return self.ask("GET", "/api/v1/notes")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.exit_code()

    def exit_code(self) -> int:
        code = self.process.wait(15)
        self._reading.join(5)
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))


@contextmanager
def shop(data: Path, command: tuple[str, ...] = SHOP, **env: str) -> Iterator[Running]:
    running = Running(data, command, **env).wait_until_ready()
    try:
        yield running
    finally:
        running.process.kill()
        running.exit_code()


def emulator_processes(data: Path) -> list[int]:
    """Processes whose working folder is this run's emulator folder (Linux; elsewhere none are found)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").resolve() == data / "emulator":
                found.append(int(entry.name))
        except OSError:
            continue
    return found
