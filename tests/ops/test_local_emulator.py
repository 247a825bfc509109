"""The emulator starts, is itself, stays on loopback, and is never left behind."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infra.local import emulator as emulators
from infra.local.emulator import Emulator, EmulatorFailed
from tests.ops.local import wait_until

pytestmark = pytest.mark.emulator

PARENT = """
from infra.local.emulator import Emulator
emulator = Emulator()
emulator.start()
print(emulator.endpoint, flush=True)
input()
"""


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def _is_open(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_it_listens_on_loopback_alone(emulator: Emulator) -> None:
    port = _port(emulator.endpoint)
    assert _is_open(port)
    assert emulator.endpoint.startswith("http://127.0.0.1:")
    if sys.platform == "linux":
        # 127.0.0.2 is this machine too; a listener on all addresses would answer there.
        assert not _is_open(port, "127.0.0.2")


def test_stopping_leaves_neither_process_nor_files() -> None:
    with Emulator() as emulator:
        port, folder = _port(emulator.endpoint), emulator.log_path.parent
        assert _is_open(port)
    assert not _is_open(port)
    assert not folder.exists()
    assert not emulator.is_running()


def test_it_ends_with_its_parent_even_when_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=emulators.ROOT,
    ) as parent:
        assert parent.stdout is not None
        port = _port(parent.stdout.readline().strip())
        assert _is_open(port)
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not _is_open(port), "the emulator to end")


def test_a_failed_start_shows_the_end_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("print('out of luck'); raise SystemExit(3)")
    monkeypatch.setattr(emulators, "PROCESS", broken)
    with pytest.raises(EmulatorFailed, match=r"ended while starting(?s:.*)out of luck"):
        Emulator(folder=tmp_path / "logs").start()


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = tmp_path / "stuck.py"
    stuck.write_text(
        f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    monkeypatch.setattr(emulators, "PROCESS", stuck)
    with pytest.raises(EmulatorFailed, match="did not answer within 1 s"):
        Emulator(folder=tmp_path / "logs", ready_seconds=1.0).start()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_stranger_who_took_its_port_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"edition": "light"}).encode())

        def log_message(self, *ignored: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        ports = iter([stranger.server_port, emulators._free_port()])
        monkeypatch.setattr(emulators, "_free_port", lambda: next(ports))
        with Emulator() as emulator:
            assert _port(emulator.endpoint) != stranger.server_port
        stranger.shutdown()


def test_a_missing_environment_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulators, "PYTHON", emulators.ROOT / ".venv-nowhere" / "python")
    with pytest.raises(EmulatorFailed, match="make setup"):
        Emulator().start()
