"""A job is killed in the middle of its work; what it left is finished by its next tick."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from infra.deploy.account import Account
from infra.rehearsal.shop import Surprise

_PATIENCE_SECONDS = 30.0


def kill_when(account: Account, function: str, has_begun: Any, emulator_pid: int) -> int:
    """Invoke the function, and SIGKILL its process as soon as `has_begun()`. Answers the process's id.

    Raises Surprise where it never began. Needs /proc, so Linux.
    """
    caller = threading.Thread(target=_invoke, args=(account, function), daemon=True)
    caller.start()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not has_begun():
        if time.monotonic() > deadline:
            raise Surprise(f"{function} did nothing in {_PATIENCE_SECONDS:.0f} s")
    killed = [pid for pid in _descendants(emulator_pid) if _serves(pid, function)]
    for pid in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    caller.join(_PATIENCE_SECONDS)
    if not killed:
        raise Surprise(f"no process of {function} was found to kill")
    return killed[0]


def can_kill() -> bool:
    return Path("/proc/self/environ").exists()


def _invoke(account: Account, function: str) -> None:
    """As EventBridge does, but waiting: the emulator ends the call when its process ends."""
    with contextlib.suppress(Exception):  # the process dies under it: that is the point
        account.client("lambda").invoke(
            FunctionName=function, Payload=json.dumps(_EVENT).encode(), InvocationType="RequestResponse"
        )


_EVENT = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [], "detail": {}, "id": "0",
          "version": "0", "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1"}  # fmt: skip


def _descendants(pid: int) -> set[int]:
    """All of a process, however deep."""
    parents = {int(path.parent.name): _parent(path) for path in Path("/proc").glob("[0-9]*/stat")}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _parent(stat: Path) -> int:
    """Zero for a process that has just ended."""
    try:
        # the second field is the program's name, in brackets, and may itself hold spaces and brackets
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (OSError, LookupError, ValueError):
        return 0


def _serves(pid: int, function: str) -> bool:
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return f"AWS_LAMBDA_FUNCTION_NAME={function}" in environ.split("\0")
