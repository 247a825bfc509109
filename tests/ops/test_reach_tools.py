"""`make reach`, and the commands that write the policies and their page."""

import shutil
import sys
from pathlib import Path

import pytest

from infra.reach import closure
from infra.tools import generated, policies, reach


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the policies that a test may spoil."""
    copied = tmp_path / ".chalice"
    shutil.copytree(policies.FOLDER, copied)
    monkeypatch.setattr(policies, "FOLDER", copied)
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    return copied


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["tool", *arguments])


def test_a_stale_policy_is_told_and_then_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = (folder / "policy-api.json").read_text()
    (folder / "policy-api.json").write_text(right.replace("dynamodb:GetItem", "dynamodb:Scan"))
    run(monkeypatch, "--check")
    assert policies.main() == 1
    run(monkeypatch)
    assert policies.main() == 0
    assert (folder / "policy-api.json").read_text() == right
    run(monkeypatch, "--check")
    assert policies.main() == 0


def test_a_policy_of_no_function_is_told_and_then_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = folder / "policy-gone.json"
    stray.write_text("{}")
    run(monkeypatch, "--check")
    assert policies.main() == 1
    assert stray.exists()
    run(monkeypatch)
    assert policies.main() == 0
    assert not stray.exists()


def test_the_way_to_each_thing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "order_timeout")
    assert reach.main() == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("dynamodb Query on due")
    assert lines[at + 1].strip().startswith("payments.jobs.order_timeout → store.timers.sweep")
    assert "the secret SOUK_SECRET_KEYS" in lines


def test_the_way_to_one_function_is_printed_or_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "stock_release", "chalicelib.store.reading.get")
    assert reach.main() == 0
    assert capsys.readouterr().out.startswith("orders.jobs.stock_release → ")
    run(monkeypatch, "stock_release", "chalicelib.payments.refunds.carry_out")
    assert reach.main() == 1
    assert "does not reach" in capsys.readouterr().err


def test_without_a_name_every_function_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    assert reach.main() == 0
    assert set(closure.ways_in()) <= set(capsys.readouterr().out.splitlines())
