"""A machine with Python and make alone can be set up, and says what is wrong when it cannot."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import venv
from infra.local.environment import ROOT

LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-emulator.txt"]


def names(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_an_install_that_fails_shows_pips_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"no-such-package-of-souk==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert venv.main(tmp_path / "venv", lock) == 1
    shown = capsys.readouterr().err
    assert "No matching distribution found for no-such-package-of-souk==1.0" in shown
    assert "could not be installed" in shown


def test_a_python_without_pip_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert venv.main(tmp_path / "venv", ROOT / "requirements.txt") == 1
    assert "install python3-venv" in capsys.readouterr().err


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    unpinned = [
        line
        for line in text.replace("\\\n", " ").splitlines()
        if line and not line.lstrip().startswith("#") and not re.match(r"\S+==\S+.*--hash=sha256:", line)
    ]
    assert unpinned == []
    assert "://" not in text


def test_what_ships_has_no_tools_and_the_tools_run_on_what_ships() -> None:
    runtime, dev = names("requirements.txt"), names("requirements-dev.txt")
    assert not runtime.keys() & {
        "boto3",
        "chalice",
        "moto",
        "pytest",
        "ruff",
        "mypy",
        "waitress",
        "ministack",
    }
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_tool_the_makefile_starts_exists() -> None:
    modules = re.findall(r"\$\((?:RUN|PYTHON)\) (?:-m )?(\S+)", (ROOT / "Makefile").read_text())
    assert "infra.local.run" in modules
    assert "infra.venv" in modules
    assert [module for module in modules if importlib.util.find_spec(module) is None] == []


def test_help_names_every_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (\S+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE) == targets


def test_what_make_runs_before_setup_needs_the_standard_library_alone() -> None:
    # -S: without site-packages, as on a machine where nothing is installed yet.
    ran = subprocess.run(
        [sys.executable, "-S", "-E", "-c", "import infra.venv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
