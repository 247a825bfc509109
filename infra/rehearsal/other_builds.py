"""Builds that differ from the one that ships: a next version, and one that is broken."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

from infra.package.build import Build, code_key
from infra.rehearsal.account import rewritten

_BROKEN = b'raise RuntimeError("planted: this version cannot start")\n'


def next_version(made: Build, folder: Path) -> Build:
    """The same code, one file more."""
    return _with(made, folder, {"rehearsal.txt": b"the next version\n"})


def broken(made: Build, folder: Path) -> Build:
    """It deploys, and then answers no request."""
    return _with(made, folder, {"app.py": _BROKEN}, without=("__pycache__/app.",))


def _with(made: Build, folder: Path, files: dict[str, bytes], without: tuple[str, ...] = ()) -> Build:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "souk.zip"
    with zipfile.ZipFile(made.bundle.path) as given, zipfile.ZipFile(path, "w") as target:
        for entry in given.infolist():
            if entry.filename not in files and not entry.filename.startswith(without or ("\0",)):
                target.writestr(entry, given.read(entry), zipfile.ZIP_DEFLATED, 1)
        for name, content in files.items():
            target.writestr(name, content)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    bundle = replace(made.bundle, path=path, sha256=sha256, zipped=path.stat().st_size)
    template = json.loads(json.dumps(made.template).replace(made.code_key, code_key(sha256)))
    return rewritten(replace(made, bundle=bundle), template, folder)
