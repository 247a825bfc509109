"""The zip as it ships: what no function reads is left out, what every function imports is compiled."""

from __future__ import annotations

import compileall
import hashlib
import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

AWS_SERVICES = ("dynamodb", "s3", "secretsmanager", "sesv2", "sns", "ssm")
"""Whose descriptions botocore keeps. A test walks the code for clients of any other."""

_OTHER_SERVICE = re.compile(rf"^botocore/data/(?!(?:{'|'.join(AWS_SERVICES)})/)[^/]+/")
_NEVER_READ = (
    re.compile(r"^botocore/data/[^/]+/.*/(?:paginators|waiters)-[^/]*$"),
    re.compile(r"^botocore/data/[^/]+/.*/examples-[^/]*$"),
    re.compile(r"^pynamodb/.*\.pyi$"),
    re.compile(r"\.(?:pyi|c|h|pxd|exe)$"),
    re.compile(r"(?:^|/)py\.typed$"),
    re.compile(r"(?:^|/)__pycache__/"),
    re.compile(r"^pydantic/(?:v1/|mypy\.py$)"),
    re.compile(r"^dateutil/zoneinfo/"),
    re.compile(r"^tzdata/zoneinfo/(?:right|posix)/"),
    re.compile(
        r"\.dist-info/(?:RECORD|INSTALLER|REQUESTED|WHEEL|direct_url\.json|top_level\.txt|entry_points\.txt)$"
    ),
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""One date for all: the same sources give the same bytes."""


@dataclass(frozen=True, slots=True)
class Bundle:
    path: Path
    sha256: str
    zipped: int
    """Bytes, as Lambda counts them."""
    unzipped: int
    files: int
    parts: dict[str, int]
    """Top-level name → unzipped bytes."""


def is_dropped(name: str) -> bool:
    return bool(_OTHER_SERVICE.match(name)) or any(each.search(name) for each in _NEVER_READ)


def slim(archive: Path, folder: Path, target: Path) -> Bundle:
    """Unpack `archive` into `folder` without what is dropped, compile it, and zip it into `target`.

    The compiled files carry no date but a hash that is not checked again: a zip has no dates worth the name, and
    /var/task cannot be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as given:
        for name in given.namelist():
            if not is_dropped(name) and not name.endswith("/"):
                given.extract(name, folder)
    compiled = compileall.compile_dir(
        folder,
        quiet=1,
        workers=0,
        stripdir=str(folder),
        prependdir="/var/task",
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        raise ValueError(f"{archive.name} holds a file that cannot be compiled")
    return _zip(folder, target)


def _zip(folder: Path, target: Path) -> Bundle:
    parts: dict[str, int] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for each in files:
            name = each.relative_to(folder).as_posix()
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = (0o755 if each.suffix == ".so" else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = each.read_bytes()
            archive.writestr(entry, content)
            top = name.partition("/")[0]
            parts[top] = parts.get(top, 0) + len(content)
    return Bundle(
        path=target,
        sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
        zipped=target.stat().st_size,
        unzipped=sum(parts.values()),
        files=len(files),
        parts=parts,
    )
