"""`make run`, as a person meets it: started, used, stopped, killed, started again."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from infra.local import run, serving
from tests.ops.local import wait_until
from tests.ops.running import READY, Running, emulator_processes, shop

pytestmark = pytest.mark.emulator


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """A run that was used and then stopped as it should be."""
    data = tmp_path_factory.mktemp("stopped")
    with shop(data) as running:
        running.ask("PUT", "/api/v1/notes/mine")
        wait_until(lambda: running.ask("GET", "/api/v1/heard/mine") == 1, "the stream handler")
        if sys.platform == "linux":
            assert emulator_processes(data)
        running.end()
    return running


def test_it_prints_one_ready_line_and_where_to_click(stopped: Running) -> None:
    assert sum(bool(READY.match(line)) for line in stopped.lines) == 1
    assert f"  API docs   http://127.0.0.1:{stopped.port}/api/docs" in stopped.lines
    assert "  Admin      admin@souk.test / souk-local-admin" in stopped.lines
    assert not [line for line in stopped.lines if line.startswith(("warning", "error", "Traceback"))]


def test_a_normal_stop_ends_well_and_leaves_no_process(stopped: Running) -> None:
    assert stopped.process.returncode == 0
    assert stopped.lines[-1] == "Souk has stopped; your data is kept."
    assert emulator_processes(stopped.data) == []


def test_what_was_there_is_there_after_a_restart_and_no_news(stopped: Running) -> None:
    with shop(stopped.data) as again:
        assert again.notes() == ["admin admin@souk.test", "demo", "heard demo", "heard mine", "mine"]
        again.ask("PUT", "/api/v1/notes/later")
        wait_until(lambda: again.ask("GET", "/api/v1/heard/later") == 1, "the stream handler")
        assert again.ask("GET", "/api/v1/heard/mine") == 1
        assert "(5 items from before" in again.output


def test_a_kill_costs_less_than_ten_seconds_of_data(tmp_path: Path) -> None:
    with shop(tmp_path) as running:
        running.ask("PUT", "/api/v1/notes/mine")
        wait_until(lambda: b'"mine"' in (tmp_path / "journal.jsonl").read_bytes(), "the note on disk", 10)
        running.end(signal.SIGKILL)
    wait_until(lambda: emulator_processes(tmp_path) == [], "the emulator to follow its parent")
    with shop(tmp_path) as again:
        assert "mine" in again.notes()


def test_schedules_tick_and_a_demo_can_make_minutes_short(tmp_path: Path) -> None:
    with shop(tmp_path, SOUK_TICK_SECONDS="0.2") as running:
        wait_until(lambda: "ticked" in running.notes(), "the scheduled job")


def test_a_taken_port_is_said_before_anything_heavy(tmp_path: Path) -> None:
    with serving.reserve(0) as other:
        other.listen()
        port = other.getsockname()[1]
        refused = Running(tmp_path / "data", PORT=str(port))
        assert refused.exit_code() == 1
    assert f"Souk cannot run: port {port} of 127.0.0.1 is in use. Choose another one" in refused.output
    assert f"PORT={port + 1} make run" in refused.output
    assert not (tmp_path / "data").exists()


def test_a_second_run_on_the_same_data_is_refused_and_does_no_harm(tmp_path: Path) -> None:
    with shop(tmp_path) as first:
        second = Running(tmp_path)
        assert second.exit_code() == 1
        assert f"another run (process {first.process.pid}) uses the data in {tmp_path}" in second.output
        assert "demo" in first.notes()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_way_of_asking_it_to_stop_is_heard(tmp_path: Path, how: signal.Signals) -> None:
    with shop(tmp_path) as running:
        assert running.end(how) == 0
    assert b"demo" in (tmp_path / "snapshot.jsonl").read_bytes()
    assert emulator_processes(tmp_path) == []


def test_killing_make_stops_the_shop_it_started(tmp_path: Path) -> None:
    """A parent that starts the shop as make does, and is then killed."""
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'tests.ops.local_shop'])"
    with shop(tmp_path, command=("-c", starts), MAKELEVEL="1") as running:
        running.ask("PUT", "/api/v1/notes/mine")
        running.end(signal.SIGKILL)
    wait_until(lambda: emulator_processes(tmp_path) == [], "the shop to stop")
    with shop(tmp_path, PORT=str(running.port)) as again:
        assert "mine" in again.notes()


def test_a_second_ctrl_c_forces_the_end(tmp_path: Path) -> None:
    with shop(tmp_path, SOUK_TICK_SECONDS="0.1", TEST_ENDLESS_JOB="1") as running:
        wait_until(lambda: "ticked" in running.notes(), "the endless job to start")
        running.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Stopping …" in running.lines, "the first answer")
        running.process.send_signal(signal.SIGINT)  # the same keystroke, passed on by a parent: ignored
        time.sleep(0.7)
        assert running.process.poll() is None
        assert running.end(signal.SIGINT) == 130
    wait_until(lambda: emulator_processes(tmp_path) == [], "the emulator to follow its parent")


def test_an_emulator_that_dies_ends_the_run_and_says_so(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("finds the emulator's process by /proc")
    with shop(tmp_path) as running:
        for pid in emulator_processes(tmp_path):
            os.kill(pid, signal.SIGKILL)
        assert running.exit_code() == 1
    assert "Souk cannot run: the emulator ended by itself" in running.output


def test_a_damaged_data_file_stops_the_start_and_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "snapshot.jsonl").write_text("what is this\n")
    refused = Running(tmp_path)
    assert refused.exit_code() == 1
    assert "snapshot.jsonl, line 1, is damaged" in refused.output
    assert (tmp_path / "snapshot.jsonl").read_text() == "what is this\n"


def test_only_a_missing_module_is_forgiven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half_made.py").write_text("import something_not_installed")
    monkeypatch.syspath_prepend(tmp_path)
    assert run._optional("nowhere.at.all", "anything")("ignored") is None
    with pytest.raises(ModuleNotFoundError, match="something_not_installed"):
        run._optional("half_made", "anything")
    with pytest.raises(AttributeError):
        run._optional("json", "no_such_function")
