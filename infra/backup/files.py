"""The files bucket: copied to a folder by content, put back where something is missing or other, undeleted to a time.

A copy keeps one file for each content, so a second copy of a bucket into the same folder brings only what is new.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.core import clock
from chalicelib.core.clock import to_text
from infra.backup import manifest
from infra.backup.manifest import Damaged, Manifest
from infra.local.progress import Progress

Client = Any
_LISTING = "files.jsonl"
_BEGUN = "files.begun"
"""What this copy has brought so far."""
_BLOCK = 1 << 20


def copy(s3: Client, bucket: str, folder: Path) -> Manifest:
    """Every object as it is now, with its type and metadata. Goes on where it was stopped."""
    (folder / "content").mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Manifest("files", f"s3://{bucket}", to_text(clock.current().now()))
    begun = folder / _BEGUN
    known = {(one["key"], one["etag"]): one for name in (_LISTING, _BEGUN) for one in _listed(folder, name)}
    found = []
    for one in _objects(s3, bucket):
        had = known.get((one["Key"], one["ETag"]))
        found.append(
            had if had and _path(folder, had["sha256"]).exists() else _bring(s3, bucket, one["Key"], folder)
        )
    _write_listing(folder, found)
    made.finished_at = to_text(clock.current().now())
    made.counts = {"objects": len(found), "bytes": sum(one["bytes"] for one in found)}
    made.add(folder, _LISTING)
    for name in sorted({one["sha256"] for one in found}):
        made.files[f"content/{name}"] = {"bytes": _path(folder, name).stat().st_size, "sha256": name}
    made.write(folder)
    begun.unlink(missing_ok=True)
    return made


def put_back(s3: Client, folder: Path, bucket: str, *, go: bool) -> dict[str, int]:
    """Objects that are missing or other are written; what is newer stands. Raises Damaged.

    Without `go` they are only counted.
    """
    manifest.check(folder)
    counts = {"missing": 0, "other": 0, "same": 0}
    there = {one["Key"]: one["ETag"] for one in _objects(s3, bucket)}
    listed = list(_listed(folder))
    progress = Progress(f"putting files into s3://{bucket}", len(listed))
    for one in listed:
        how = (
            "missing" if one["key"] not in there else "same" if there[one["key"]] == one["etag"] else "other"
        )
        counts[how] += 1
        if go and how != "same":
            with _path(folder, one["sha256"]).open("rb") as content:
                s3.put_object(
                    Bucket=bucket,
                    Key=one["key"],
                    Body=content,
                    ContentType=one["type"],
                    Metadata=one["metadata"],
                )
        progress.advance(1)
    progress.done()
    return counts


def to_time(s3: Client, bucket: str, at: datetime, *, go: bool) -> dict[str, int]:
    """Where a versioned bucket's object was deleted or replaced after `at`, its version of then becomes the newest.

    Objects that did not exist then stand. Nothing is ever deleted: each step adds a version. Raises Damaged for a
    bucket without versions.
    """
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise Damaged(f"s3://{bucket} keeps no versions: put its files back from a copy")
    counts = {"deleted since": 0, "replaced since": 0}
    for key, versions in _histories(s3, bucket):
        newest = versions[0]
        then = next((one for one in versions if one["LastModified"] <= at), None)
        if then is None or "ETag" not in then or then["VersionId"] == newest["VersionId"]:
            continue
        if newest.get("ETag") == then["ETag"]:
            continue  # put back before
        counts["replaced since" if "ETag" in newest else "deleted since"] += 1
        if go:
            s3.copy_object(
                Bucket=bucket,
                Key=key,
                CopySource={"Bucket": bucket, "Key": key, "VersionId": then["VersionId"]},
            )
    return counts


def _histories(s3: Client, bucket: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each key with its versions and delete markers, newest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            found.setdefault(one["Key"], []).append(one)
    for key, versions in sorted(found.items()):
        newest_first = sorted(versions, key=lambda one: (one["LastModified"], one["IsLatest"]), reverse=True)
        yield key, newest_first


def _bring(s3: Client, bucket: str, key: str, folder: Path) -> dict[str, Any]:
    answer = s3.get_object(Bucket=bucket, Key=key)
    total, size = hashlib.sha256(), 0
    draft = folder / "content" / "part"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for block in answer["Body"].iter_chunks(_BLOCK):
            file.write(block)
            total.update(block)
            size += len(block)
    draft.replace(_path(folder, total.hexdigest()))
    brought = {
        "key": key,
        "etag": answer["ETag"],
        "version": answer.get("VersionId", ""),
        "bytes": size,
        "sha256": total.hexdigest(),
        "type": answer["ContentType"],
        "metadata": answer.get("Metadata", {}),
        "modified_at": to_text(answer["LastModified"]),
    }
    with (folder / _BEGUN).open("a", encoding="utf-8") as file:
        file.write(json.dumps(brought, ensure_ascii=False) + "\n")
    return brought


def _path(folder: Path, digest: str) -> Path:
    return folder / "content" / digest


def _listed(folder: Path, name: str = _LISTING) -> Iterator[dict[str, Any]]:
    """A last line that a kill cut short is left out."""
    path = folder / name
    if path.exists():
        lines = path.read_text(encoding="utf-8").split("\n")
        yield from map(json.loads, lines[:-1])


def _write_listing(folder: Path, found: list[dict[str, Any]]) -> None:
    draft = folder / f"{_LISTING}.new"
    draft.write_text(
        "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in found), encoding="utf-8"
    )
    draft.replace(folder / _LISTING)


def _objects(s3: Client, bucket: str) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from page.get("Contents", [])
