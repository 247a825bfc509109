"""`chalice package`, run as the tool it is: the app as it stands, merged with infra/resources.yaml."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.template import load

ROOT = Path(__file__).parents[2]
STAGE = "souk"
"""Chalice's one stage. Ours (dev, test, staging, prod) differ in the template's parameters alone."""

_PLACEHOLDERS = {
    "SOUK_STAGE": "dev",
    "SOUK_TABLE": "packaging",
    "SOUK_JWT_KEYS": "ssm:packaging",
    "SOUK_SECRET_KEYS": "ssm:packaging",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Packaging imports the app, which wants to be told where it is. Nothing of it reaches the bundle."""

_WITHOUT_WHEELS = """
import pathlib
from chalice.cli import main
from chalice.deploy.packager import LambdaDeploymentPackager

def nothing(self, project_dir, python_version):
    archive = pathlib.Path(project_dir, ".chalice", "deployments", "nothing.zip")
    archive.touch()
    return str(archive)

LambdaDeploymentPackager.create_deployment_package = nothing
main()
"""


class PackagingFailed(RuntimeError):
    """The message ends with the tool's own last words."""


@dataclass(frozen=True, slots=True)
class Packaged:
    template: dict[str, Any]
    """AWS SAM's, with our resources merged in."""
    archive: Path


def package(folder: Path, architecture: str) -> Packaged:
    """Write what Chalice makes into `folder`. Fetches the wheels of `architecture` when they are not cached.

    Raises PackagingFailed.
    """
    return _run(folder, architecture, "from chalice.cli import main; main()")


def template_only(folder: Path, architecture: str = "arm64") -> dict[str, Any]:
    """The same template, with an empty archive beside it: no wheel is fetched. Raises PackagingFailed."""
    return _run(folder, architecture, _WITHOUT_WHEELS).template


def _run(folder: Path, architecture: str, chalice: str) -> Packaged:
    folder.mkdir(parents=True, exist_ok=True)
    merge = folder / "resources.json"
    merge.write_text(json.dumps(load()), encoding="utf-8")
    project = _project(folder / "project", architecture)
    command = [
        *(sys.executable, "-c", chalice, "--project-dir", str(project)),
        *("package", "--stage", STAGE, "--merge-template", str(merge), str(folder / "chalice")),
    ]
    outcome = subprocess.run(  # noqa: S603 - the tool of our own environment
        command, cwd=project, env=_environment(), capture_output=True, text=True, check=False
    )
    if outcome.returncode:
        words = (outcome.stdout + outcome.stderr).strip().splitlines()
        raise PackagingFailed("chalice package failed:\n" + "\n".join(words[-15:]))
    template: dict[str, Any] = json.loads((folder / "chalice" / "sam.json").read_text(encoding="utf-8"))
    return Packaged(template, folder / "chalice" / "deployment.zip")


def _project(folder: Path, architecture: str) -> Path:
    """What ships, and nothing that lies beside it, with the architecture set.

    A copy: packaging leaves caches where it works, and a source tree may hold more than is committed.
    """
    kept = folder / ".chalice" / "deployments"
    shutil.rmtree(folder / "chalicelib", ignore_errors=True)
    shutil.copytree(
        ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    shutil.copy2(ROOT / "app.py", folder)
    shutil.copy2(ROOT / "requirements.txt", folder)
    kept.mkdir(parents=True, exist_ok=True)
    for settings in (ROOT / ".chalice").glob("*.json"):
        shutil.copy2(settings, folder / ".chalice")
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    config["lambda_architecture"] = architecture
    (folder / ".chalice" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _environment() -> dict[str, str]:
    outer = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SOUK_", "PYTHON"))
    }
    return outer | _PLACEHOLDERS
