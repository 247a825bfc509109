"""The stand-in for DynamoDB and S3: a ministack process on loopback that never outlives the one that started it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from infra.local import clients

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
PROCESS = Path(__file__).with_name("emulator_process.py")
HOST = "127.0.0.1"

_TRIES = 3
"""Between choosing a free port and the emulator's bind somebody else may take it."""
_TAIL_LINES = 20


class EmulatorFailed(RuntimeError):
    """The emulator did not start. The message says why, with the end of its log."""


class Emulator:
    """A running emulator, for `with Emulator() as emulator:` or between `start()` and `stop()`.

    Its tables are in memory and end with it; so do files, unless `files` names a folder to keep them in. `folder`
    gets its log and scratch files; without one they go to a temporary folder that is removed afterwards.
    """

    def __init__(
        self,
        *,
        services: tuple[str, ...] = ("dynamodb", "dynamodbstreams", "s3"),
        folder: Path | None = None,
        files: Path | None = None,
        ready_seconds: float = 30.0,
    ) -> None:
        self._services = services
        self._files = files
        self._ready_seconds = ready_seconds
        self._scratch = tempfile.TemporaryDirectory(prefix="souk-emulator-") if folder is None else None
        self._folder = Path(self._scratch.name) if self._scratch else (folder or Path())
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._name = secrets.token_hex(8)

    @property
    def endpoint(self) -> str:
        if self._process is None:
            raise LookupError("the emulator is not running")
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise LookupError("the emulator is not running")
        return self._process.pid

    @property
    def log_path(self) -> Path:
        return self._folder / "emulator.log"

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it answers. Raises EmulatorFailed with the end of its log."""
        if not PYTHON.exists():
            raise EmulatorFailed(f"{PYTHON.relative_to(ROOT)} is missing: run `make setup`")
        self._folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _TRIES + 1):
            self._spawn()
            try:
                self._wait_until_ready()
            except EmulatorFailed:
                self._end_process()
                if attempt < _TRIES and "already in use" in self._log_tail():
                    continue
                raise
            except BaseException:
                self._end_process()
                raise
            return

    def stop(self) -> None:
        """End the process and everything it started; safe to call twice."""
        self._end_process()
        if self._scratch:
            self._scratch.cleanup()

    def failure(self, what: str) -> EmulatorFailed:
        """An error that says what the emulator did, with the end of its log."""
        return EmulatorFailed(f"the emulator {what}; its log {self.log_path} ends with:\n{self._log_tail()}")

    def _log_tail(self) -> str:
        if not self.log_path.exists():
            return ""
        lines = self.log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])

    def _spawn(self) -> None:
        self._port = _free_port()
        for left_over in self._folder.glob("ministack-*.pid"):
            left_over.unlink()
        with self.log_path.open("wb") as log:
            # -I: no PYTHONPATH, no user site; nothing of the outer environment can leak into the emulator.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                [str(PYTHON), "-I", str(PROCESS)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self._folder,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
        return outer | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            "SERVICES": ",".join(self._services),
            # It repeats this word in its health answer: proof that the one who answers is the one we started.
            "MINISTACK_EDITION": self._name,
            "MINISTACK_REGION": clients.REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "0",
            # The one signer whose addresses it believes.
            "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": clients.SECRET_KEY,
            "S3_PERSIST": "1" if self._files else "0",
            "S3_DATA_DIR": str((self._files or self._folder / "files").absolute()),
            "LOG_LEVEL": "WARNING",
            # It would look for containers to remove; those of this machine are none of our business.
            "DOCKER_HOST": f"unix://{self._folder.absolute()}/no-docker.sock",
            "TMPDIR": str(self._folder.absolute()),
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._ready_seconds
        while time.monotonic() < deadline:
            if not self.is_running():
                raise self.failure("ended while starting")
            if self._answers():
                return
            time.sleep(0.05)
        raise self.failure(f"did not answer within {self._ready_seconds:.0f} s")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        return bool(answer.get("edition") == self._name)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # Its state is in memory and nobody wants it any more, so there is nothing to end gently for.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
