"""`make audit` asks pip-audit about every pin, says what it found, and never passes for a check that was not made."""

from pathlib import Path

import pytest

from infra.tools import audit


def a_pip_audit(folder: Path, *, finds: str = "") -> None:
    """One that writes down what it was asked, and fails for a file whose name it is told."""
    tool = folder / audit.TOOL
    tool.write_text(
        f'#!/bin/sh\necho "$*" >> "{folder}/asked"\ncase "$*" in *{finds or "nothing"}*) exit 1;; esac\n'
    )
    tool.chmod(0o755)


def test_every_lock_file_is_asked_about_as_it_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pip_audit(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert audit.main() == 0
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == len(audit.REQUIREMENTS) == 3
    assert all("--require-hashes --disable-pip" in one for one in asked)


def test_one_vulnerable_pin_fails_it_and_the_rest_is_asked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pip_audit(tmp_path, finds=audit.SHIPPED.name)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert audit.main() == 1
    assert len((tmp_path / "asked").read_text().splitlines()) == len(audit.REQUIREMENTS)


def test_without_the_tool_it_fails_and_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert audit.main() == audit.NOT_ASKED
    assert "pip-audit is not installed" in capsys.readouterr().err
