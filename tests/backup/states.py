"""States of the table to go back to, and damage to go back from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.core import clock
from chalicelib.core.clock import to_text
from chalicelib.store import client
from chalicelib.store.client import table_name
from infra.backup import restore
from infra.backup.kinds import RULES, Rule
from infra.backup.rows import fold
from infra.verify.books import read
from infra.verify.checks import findings
from tests.jobs import every_item
from tests.platform.shops import suspend
from tests.shop import Shop

Row = dict[str, Any]
_KEPT = frozenset(kind for kind, rule in RULES.items() if rule in (Rule.STAYS, Rule.NEVER))


class Then:
    """The table as it is now, kept beside it under another name."""

    def __init__(self) -> None:
        self.at = clock.current().now()
        self.table = f"{table_name()}-then"
        engine = client.client()
        made = engine.create_backup(TableName=table_name(), BackupName="then")["BackupDetails"]["BackupArn"]
        engine.restore_table_from_backup(TargetTableName=self.table, BackupArn=made)
        self.rows = every_item()

    def back(self, *more: str, slug: str = "acme") -> int:
        """The command, with what it needs to know of the time of this state."""
        return restore.main(["shop", slug, "--from", self.table, "--at", to_text(self.at), *more])


def of(slug: str, rows: list[Row] | None = None) -> dict[tuple[str, str], Row]:
    """A shop's rows by address, without the kinds that do not go back."""
    found = every_item() if rows is None else rows
    return {
        (row["pk"]["S"], row["sk"]["S"]): row
        for row in found
        if row["pk"]["S"].startswith(f"{slug}#") and row["kind"]["S"] not in _KEPT
    }


def others(slug: str = "acme") -> str:
    """One digest of every row of every other shop."""
    return fold(row for row in every_item() if not row["pk"]["S"].startswith(f"{slug}#"))


def rows(kind: str, slug: str = "acme") -> list[Row]:
    return [row for row in every_item() if row["kind"]["S"] == kind and row["pk"]["S"].startswith(f"{slug}#")]


def lose(*kinds: str, slug: str = "acme") -> int:
    """Somebody's script deletes all rows of these kinds."""
    gone = [row for kind in kinds for row in rows(kind, slug)]
    for row in gone:
        client.client().delete_item(TableName=table_name(), Key={"pk": row["pk"], "sk": row["sk"]})
    return len(gone)


def spoil(kind: str, slug: str = "acme", **attributes: Row) -> int:
    """Somebody's script writes into all rows of a kind, past the shop's own code."""
    for row in rows(kind, slug):
        client.client().put_item(TableName=table_name(), Item=row | attributes)
    return len(rows(kind, slug))


def faults() -> list[str]:
    """What `make verify` would say of the table."""
    return [found.what for found in findings(read(every_item()))]


@contextmanager
def shut(shop: Shop, slug: str = "acme") -> Iterator[None]:
    """Inside, the shop is suspended, for long enough."""
    assert suspend(shop, slug).status == 200
    shop.clock.advance(minutes=3)
    yield
