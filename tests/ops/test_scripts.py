"""What an operator runs: each script is a make target that says how it is used."""

import subprocess
import sys

import pytest

from infra.tools.generated import ROOT

SCRIPTS = {
    "deploy": ("infra.deploy", "deploy"),
    "rollback": ("infra.deploy", "rollback"),
    "status": ("infra.deploy", "status"),
    "logs": ("infra.deploy", "logs"),
    "keys": ("infra.deploy", "keys"),
    "first-admin": ("infra.deploy", "first-admin"),
    "deploy-lock": ("infra.deploy.lock",),
    "migrate": ("infra.tools.migrate",),
    "backup": ("infra.backup.backup",),
    "restore": ("infra.backup.restore",),
    "tenant": ("infra.tools.tenant",),
    "verify": ("infra.verify",),
}
"""Deploying, configuring, migrating, rolling back, maintaining → the module behind it."""


@pytest.mark.ledger("S2-061")
@pytest.mark.parametrize("target", SCRIPTS)
def test_each_script_is_a_target_and_tells_how_it_is_used(target: str) -> None:
    module, *command = SCRIPTS[target]
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition(f"\n{target}: setup ")[2]
    told = subprocess.run(
        [sys.executable, "-m", module, *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"$(RUN) {module} " in recipe.split("\n\n")[0]
    assert told.returncode == 0, told.stderr
    assert "usage:" in told.stdout
