"""What a stage is set to, without its secrets: parameters and secrets by name and version, the stack's parameters.

A name and a version say whether something was changed or lost; the values are nobody's to carry about. Whoever has to
restore them takes them from where the team keeps secrets.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chalicelib.core import clock
from chalicelib.core.clock import to_text
from infra.backup.manifest import Manifest
from infra.tools.tenant_file import NotOurs

Client = Any
FILE = "configuration.json"
_PLAIN = ("String", "StringList")
_HIDDEN = "****"


def write(
    folder: Path, prefix: str, stack: str | None, *, ssm: Client, secrets: Client, stacks: Client
) -> Manifest:
    """Parameters under `/<prefix>/`, secrets that begin with `<prefix>/`, and a stack's parameters and outputs."""
    if (folder / FILE).exists():
        raise NotOurs(f"{folder / FILE} is there already: name another folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = {
        "parameters": list(_parameters(ssm, f"/{prefix.strip('/')}")),
        "secrets": list(_secrets(secrets, f"{prefix.strip('/')}/")),
        "stack": _stack(stacks, stack) if stack else None,
    }
    made = Manifest("configuration", f"/{prefix.strip('/')}", to_text(clock.current().now()), is_exact=True)
    descriptor = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2, ensure_ascii=False, sort_keys=True)
    made.finished_at = to_text(clock.current().now())
    made.counts = {name: len(things) for name, things in found.items() if isinstance(things, list)}
    made.add(folder, FILE)
    made.write(folder)
    return made


def _parameters(ssm: Client, path: str) -> Iterator[dict[str, Any]]:
    """Described, never read: nothing is decrypted, and no permission to do so is needed."""
    wish = [{"Key": "Path", "Option": "Recursive", "Values": [path]}]
    for page in ssm.get_paginator("describe_parameters").paginate(ParameterFilters=wish):
        for one in page["Parameters"]:
            yield {
                "name": one["Name"],
                "type": one["Type"],
                "version": one["Version"],
                "changed_at": _text(one.get("LastModifiedDate")),
                "is_secret": one["Type"] not in _PLAIN,
            }


def _secrets(secrets: Client, prefix: str) -> Iterator[dict[str, Any]]:
    for page in secrets.get_paginator("list_secrets").paginate():
        for one in page["SecretList"]:
            if one["Name"].startswith(prefix):
                yield {
                    "name": one["Name"],
                    "versions": one.get("SecretVersionsToStages", {}),
                    "changed_at": _text(one.get("LastChangedDate")),
                    "rotates": bool(one.get("RotationEnabled")),
                }


def _stack(stacks: Client, name: str) -> dict[str, Any]:
    (told,) = stacks.describe_stacks(StackName=name)["Stacks"]
    return {
        "name": name,
        "status": told["StackStatus"],
        "parameters": {
            one["ParameterKey"]: one.get("ParameterValue", _HIDDEN) for one in told.get("Parameters", [])
        },
        "outputs": {one["OutputKey"]: one["OutputValue"] for one in told.get("Outputs", [])},
        "tags": {one["Key"]: one["Value"] for one in told.get("Tags", [])},
    }


def _text(at: datetime | None) -> str:
    return to_text(at) if at else ""
