"""The table's backups: which there are, how far back point-in-time recovery reaches, and asking for one more.

Taking and listing costs the table no units. Restoring and deleting are an operator's, from outside the bundle
(`infra/backup/`): nothing that serves requests can do either.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core import ids
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.store.client import Unsure, call, table_name
from chalicelib.store.cursors import seal, unseal
from chalicelib.store.reading import Page

_PAGE = 100
"""What ListBackups gives at once."""
_QUERY = "backups"
ON_DEMAND = "USER"
"""DynamoDB's word for a backup that somebody asked for; a plan's are `AWS_BACKUP`, a deleted table's `SYSTEM`."""
AVAILABLE = "AVAILABLE"


@dataclass(frozen=True, slots=True)
class Backup:
    arn: str
    name: str
    kind: str
    """`USER`, `AWS_BACKUP` or `SYSTEM`."""
    status: str
    """`CREATING`, `AVAILABLE` or `DELETED`."""
    made_at: datetime
    """The state of the table at this instant is what it holds, also while it is still being made."""
    size_bytes: int
    """DynamoDB's own count, six hours behind."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Every second between these two can be restored."""

    is_on: bool
    earliest: datetime | None = None
    latest: datetime | None = None
    days: int | None = None


def every(table: str | None = None) -> list[Backup]:
    """All backups of a table, newest first. One ListBackups for 100 of them."""
    found: list[Backup] = []
    more: dict[str, Any] = {}
    while True:
        answer = call("ListBackups", TableName=table or table_name(), BackupType="ALL", Limit=_PAGE, **more)
        found += [_backup(one) for one in answer.get("BackupSummaries", [])]
        last = answer.get("LastEvaluatedBackupArn")
        if not last:
            return sorted(found, key=_place, reverse=True)
        more = {"ExclusiveStartBackupArn": last}


def listed(*, limit: int, cursor: str | None) -> Page[Backup]:
    """One page, newest first. DynamoDB lists oldest first, so all are read. Raises CursorInvalid."""
    found = every()
    if cursor is not None:
        last = unseal(cursor, _QUERY)["last"]
        found = [one for one in found if _place(one) < last]
    page = found[:limit]
    return Page(page, seal({"last": _place(page[-1])}, _QUERY) if len(found) > limit else None)


def named(name: str) -> Backup | None:
    """The newest backup of that name: DynamoDB lets several have one."""
    return next((one for one in every() if one.name == name), None)


def new_name(at: datetime) -> str:
    """A name that says of which stage and time it is, and that no other backup has."""
    return f"souk-{settings().stage}-{at:%Y%m%dT%H%M%SZ}-{ids.random_bits(24):06x}"


def create(name: str) -> Backup:
    """Take a backup of the table as it is now. One CreateBackup, never repeated by itself: each makes another.

    Raises Unavailable, also where nobody knows whether the answer was lost on its way: look for `named` then.
    """
    try:
        answer = call("CreateBackup", repeatable=False, TableName=table_name(), BackupName=name)
    except Unsure as error:
        raise Unavailable(retry_after=60) from error
    return _backup(answer["BackupDetails"])


def window(table: str | None = None) -> Window:
    """How far back point-in-time recovery reaches. One DescribeContinuousBackups."""
    answer = call("DescribeContinuousBackups", TableName=table or table_name())
    told = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return Window(
        is_on=told.get("PointInTimeRecoveryStatus") == "ENABLED",
        earliest=_utc(told.get("EarliestRestorableDateTime")),
        latest=_utc(told.get("LatestRestorableDateTime")),
        days=told.get("RecoveryPeriodInDays"),
    )


def _backup(told: dict[str, Any]) -> Backup:
    made_at = _utc(told["BackupCreationDateTime"])
    assert made_at is not None  # noqa: S101 - required in DynamoDB's answer
    return Backup(
        arn=told["BackupArn"],
        name=told["BackupName"],
        kind=told["BackupType"],
        status=told["BackupStatus"],
        made_at=made_at,
        size_bytes=int(told.get("BackupSizeBytes") or 0),
        expires_at=_utc(told.get("BackupExpiryDateTime")),
    )


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)


def _place(one: Backup) -> str:
    return f"{one.made_at.isoformat()} {one.arn}"
