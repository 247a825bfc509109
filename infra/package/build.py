"""One build: the zip, the template that deploys it, and a manifest that says what they are."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chalicelib
from infra.package import bundle, chalice_step, template
from infra.package.bundle import Bundle

ARCHITECTURES = ("arm64", "x86_64")
FOLDER = chalice_step.ROOT / "build"

MOST_ZIPPED = 15 * 1000**2
MOST_UNZIPPED = 50 * 1000**2
MOST_TEMPLATE = 1000**2
"""CloudFormation takes a template of 1 MB from S3."""
MOST_RESOURCES = 450
"""Of the 500 a stack may have."""
_LARGEST_SHOWN = 8


class OverTheLimit(RuntimeError):
    """The build is larger than a limit. The message names it."""


@dataclass(frozen=True, slots=True)
class Build:
    architecture: str
    bundle: Bundle
    template: dict[str, Any]
    folder: Path

    @property
    def template_path(self) -> Path:
        return self.folder / "template.json"

    @property
    def manifest_path(self) -> Path:
        return self.folder / "manifest.json"

    @property
    def code_key(self) -> str:
        return code_key(self.bundle.sha256)


def code_key(sha256: str) -> str:
    """Where the zip lies in the bucket of code: the same bytes are the same object."""
    return f"code/{sha256}.zip"


def host_architecture() -> str:
    """The architecture whose compiled libraries this machine can run."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def build(architecture: str = "arm64", folder: Path | None = None) -> Build:
    """Raises PackagingFailed, TranslationFailed, OverTheLimit."""
    folder = folder or FOLDER / architecture
    packaged = chalice_step.package(folder / "work", architecture)
    made = bundle.slim(packaged.archive, folder / "unzipped", folder / "souk.zip")
    composed = template.compose(packaged.template, code_key(made.sha256))
    finished = Build(architecture, made, composed, folder)
    finished.template_path.write_text(json.dumps(composed, indent=1, sort_keys=True), encoding="utf-8")
    _guard(finished)
    finished.manifest_path.write_text(json.dumps(_manifest(finished), indent=2), encoding="utf-8")
    return finished


def template_only(folder: Path) -> dict[str, Any]:
    """The final template without the zip, in a few seconds and without a network. `folder` is for what it works on.

    Raises PackagingFailed, TranslationFailed.
    """
    return template.compose(chalice_step.template_only(folder), code_key("0" * 64))


def _guard(made: Build) -> None:
    body = len(json.dumps(made.template, separators=(",", ":")))
    for what, size, most in (
        ("the zip has {} bytes", made.bundle.zipped, MOST_ZIPPED),
        ("unzipped the bundle has {} bytes", made.bundle.unzipped, MOST_UNZIPPED),
        ("the template has {} bytes", body, MOST_TEMPLATE),
        ("the template has {} resources", len(made.template["Resources"]), MOST_RESOURCES),
    ):
        if size > most:
            raise OverTheLimit(f"{what.format(f'{size:,}')}, the limit is {most:,}")


def _manifest(made: Build) -> dict[str, Any]:
    return {
        "version": chalicelib.__version__,
        "commit": _commit(),
        "architecture": made.architecture,
        "python": f"{platform.python_version_tuple()[0]}.{platform.python_version_tuple()[1]}",
        "code": {
            "key": made.code_key,
            "sha256": made.bundle.sha256,
            "zipped": made.bundle.zipped,
            "unzipped": made.bundle.unzipped,
            "files": made.bundle.files,
            "parts": dict(sorted(made.bundle.parts.items(), key=lambda part: -part[1])),
        },
        "template": {
            "sha256": hashlib.sha256(made.template_path.read_bytes()).hexdigest(),
            "resources": len(made.template["Resources"]),
        },
    }


def _commit() -> str:
    """Empty outside a git checkout, with `-dirty` when the tree holds more than the commit."""
    outcome = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607
        cwd=chalice_step.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return outcome.stdout.strip()


def show(made: Build) -> None:
    print(f"{made.bundle.path.relative_to(FOLDER.parent)}  {made.bundle.sha256[:12]}  {made.architecture}")
    print(
        f"  zipped   {made.bundle.zipped / 1000**2:6.2f} MB of {MOST_ZIPPED / 1000**2:g}\n"
        f"  unzipped {made.bundle.unzipped / 1000**2:6.2f} MB of {MOST_UNZIPPED / 1000**2:g}, "
        f"{made.bundle.files} files"
    )
    largest = sorted(made.bundle.parts.items(), key=lambda part: -part[1])[:_LARGEST_SHOWN]
    for name, size in largest:
        print(f"    {size / 1000**2:6.2f} MB  {name}")
    print(f"{made.template_path.relative_to(FOLDER.parent)}  {len(made.template['Resources'])} resources")
