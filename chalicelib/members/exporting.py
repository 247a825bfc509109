"""Members as a file that a spreadsheet opens and an import reads."""

from typing import Any

from chalicelib.core.context import Context
from chalicelib.identity.entities import ListedAs
from chalicelib.members import reading
from chalicelib.members.filters import Filter
from chalicelib.members.schemas import MemberRow
from chalicelib.store import Page, note

TAGS_BETWEEN = ";"
COLUMNS = (
    "id",
    "name",
    "email",
    "phone",
    "username",
    "level",
    "tags",
    "adviser_id",
    "status",
    "roles",
    "created_at",
)


def taken_out(
    ctx: Context, kind: ListedAs, wanted: Filter, *, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """A page of members, written down as taken out. Store calls: one more than `reading.listed` makes."""
    page = reading.listed(ctx, kind, wanted, limit=limit, cursor=cursor)
    note(ctx)
    return page


def lines(ctx: Context, page: Page[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pure: a page of rows as cells; logins are masked for who may not see them in full."""
    shown = [MemberRow.of_row(row, in_full=reading.sees_in_full(ctx)) for row in page.data]
    return [
        {
            **row.model_dump(mode="json"),
            "tags": f"{TAGS_BETWEEN} ".join(row.tags),
            "roles": f"{TAGS_BETWEEN} ".join(row.roles),
        }
        for row in shown
    ]
