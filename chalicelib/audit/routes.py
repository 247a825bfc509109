"""The audit log, for staff who may read it."""

from chalicelib.audit import reading
from chalicelib.audit.entities import GENESIS
from chalicelib.audit.schemas import AuditEntryView, AuditPage, AuditQuery, AuditRow, ChainView, EntryId
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import RawAnswer, Routes, csv_page, staff

routes = Routes("audit")
_COLUMNS = ("at", "actor_id", "act", "targets", "items", "reason", "request_id", "ip", "id")


@routes.get("/v1/admin/audit-log", permission=staff("audit:read"))
def list_audit_log(ctx: Context, query: AuditQuery) -> AuditPage:
    """What the staff did, newest first."""
    page = reading.listed(ctx, query)
    return AuditPage.page([AuditRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/admin/audit-log/chain", permission=staff("audit:read"))
def read_audit_chain(ctx: Context) -> ChainView:
    """The last link of the chain over the log. `make verify` checks the chain itself."""
    head = reading.head(ctx)
    return ChainView(seq=head.seq, hash=head.hash) if head else ChainView(seq=0, hash=GENESIS)


@routes.get(
    "/v1/admin/audit-log/export",
    permission=staff("audit:export"),
    audited=True,
    sensitive=True,
    answer_types=["text/csv"],
)
def export_audit_log(ctx: Context, query: AuditQuery) -> RawAnswer:
    """One page of the log as CSV, safe to open in a spreadsheet; `X-Next-Cursor` leads to the next."""
    page = reading.taken_out(ctx, query)
    return csv_page(_COLUMNS, page.data, page.next_cursor)


@routes.get("/v1/admin/audit-log/{entry_id}", permission=staff("audit:read"), errors=[NotFound])
def read_audit_entry(ctx: Context, entry_id: EntryId) -> AuditEntryView:
    """One act: what was written, as it was before and after."""
    return AuditEntryView.of(reading.entry(ctx, entry_id))
