"""What the commands of this folder share: which table is meant, clients, times, refusals in one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import SoukError
from chalicelib.core.settings import Misconfigured
from infra.backup.manifest import Damaged
from infra.backup.plan import CannotRestore
from infra.backup.s3 import ExportFailed
from infra.local.running import NotRunning
from infra.tools.tenant import set_up
from infra.tools.tenant_file import NotOurs
from infra.verify.sources import Unreadable

REFUSALS = (
    CannotRestore,
    Damaged,
    ExportFailed,
    NotOurs,
    NotRunning,
    Unreadable,
    Misconfigured,
    ClientError,
    BotoCoreError,
    OSError,
)


def client(service: str) -> Any:
    """Under the usual AWS settings, or those of the shop that runs here."""
    return boto3.client(service)  # type: ignore[call-overload]  # the name is one of ours


def instant(text: str) -> datetime:
    """RFC 3339 with a zone: a time without one would be another instant on another machine."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-05-04T12:00:00Z") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no zone: end it with Z for UTC")
    return at.astimezone(UTC)


def run(act: Callable[[], int], what: str) -> int:
    """0: done; 1: refused, or stopped where the same command goes on."""
    try:
        set_up(os.environ)
        return act()
    except SoukError as error:
        print(f"{what}: {error.title.en}. Run it again.", file=sys.stderr)
    except REFUSALS as error:
        print(f"{what}: {error}", file=sys.stderr)
    return 1


def size(count: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.0f} TB"


def span(seconds: float) -> str:
    """For people: `4.2 s`, `12 min`, `3.5 h`."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
