"""`make delivery`: everything a customer's own operators get, in one archive with a manifest and checksums.

    docs/      what there is to read
    scripts/   what deploys, migrates, configures, rolls back and maintains, with the source it works on
    configs/   the template's source, the stages' parameters, Chalice's configuration, the locked requirements
    tests/     all of them

`dist/souk-<version>.tar.gz` beside `dist/souk-<version>.sha256`. Equal sources give equal bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import chalicelib

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "dist"

_LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-emulator.txt")
LAYOUT: dict[str, tuple[str, ...]] = {
    "docs": ("docs", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md"),
    "scripts": ("Makefile", "app.py", "chalicelib", "infra", ".ci", "pyproject.toml", ".chalice", *_LOCKS),
    "configs": (".chalice", "infra/resources.yaml", "infra/stages", *_LOCKS),
    "tests": ("tests",),
}
"""Folder of the archive → what of the source tree goes into it. The scripts run where they are unpacked, so they have
the configuration too."""


def tracked() -> list[str]:
    """Only what is committed: a build, a cache or somebody's secret beside it never gets in."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(filter(None, listed.stdout.split("\0")))


def contents(files: list[str]) -> Iterator[tuple[str, Path]]:
    """Name in the archive, and the file."""
    for folder, parts in LAYOUT.items():
        for name in files:
            if any(name == part or name.startswith(f"{part}/") for part in parts) and (ROOT / name).exists():
                inside = name.removeprefix(f"{folder}/")
                yield f"{folder}/{inside}", ROOT / name


def build(target: Path = TARGET) -> Path:
    """Write archive and checksum; answers the archive's path."""
    target.mkdir(parents=True, exist_ok=True)
    stem = f"souk-{chalicelib.__version__}"
    entries = {name: path.read_bytes() for name, path in contents(tracked())}
    entries["MANIFEST.json"] = _manifest(entries)
    archive = target / f"{stem}.tar.gz"
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for name in sorted(entries):
            entry = tarfile.TarInfo(f"{stem}/{name}")
            entry.size, entry.mode = len(entries[name]), 0o644
            tar.addfile(entry, io.BytesIO(entries[name]))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (target / f"{stem}.sha256").write_text(f"{digest}  {archive.name}\n", encoding="utf-8")
    return archive


def _manifest(entries: dict[str, bytes]) -> bytes:
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(entries.items())}
    return json.dumps({"version": chalicelib.__version__, "sha256": listed}, indent=1).encode()


def main() -> int:
    archive = build()
    print(f"{archive.relative_to(ROOT)}  {archive.stat().st_size:,} bytes")
    print(f"check it with: cd dist && sha256sum -c {archive.name.removesuffix('.tar.gz')}.sha256")
    return 0


if __name__ == "__main__":
    sys.exit(main())
