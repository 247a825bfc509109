"""Members for staff, and the summary that a customer's own page begins with."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed, TooMany
from chalicelib.core.masking import masked
from chalicelib.http import CUSTOMER, Idempotent, ListQuery, Raw, RawAnswer, Routes, csv_page, staff
from chalicelib.http.problem import NotJson
from chalicelib.identity.accounts import LoginTaken
from chalicelib.identity.holders import LastOfRole
from chalicelib.identity.schemas import SignInPage, SignInView
from chalicelib.members import (
    access,
    batching,
    editing,
    exporting,
    importing,
    levels,
    merging,
    reading,
    segments,
    summary,
)
from chalicelib.members.editing import Draft
from chalicelib.members.entities import LevelRules, Segment
from chalicelib.members.guards import AccountGone, OwnAccount, StaffProtected
from chalicelib.members.merging import MergeOpenOrders, MergeWithStaff
from chalicelib.members.reading import Detail, Shown
from chalicelib.members.schemas import (
    BatchReport,
    Because,
    CreateMember,
    CreateSegment,
    EditMember,
    ExportQuery,
    ImportQuery,
    LevelRulesView,
    MemberAddress,
    MemberAddresses,
    MemberDetail,
    MemberId,
    MemberImportReport,
    MemberPage,
    MemberQuery,
    MemberRow,
    MemberSession,
    MemberSessionPage,
    MemberView,
    MergeMember,
    RunBatch,
    SegmentId,
    SegmentPage,
    SegmentView,
    SummaryView,
    WriteLevelRules,
)
from chalicelib.members.summary import Summary
from chalicelib.orders.schemas import OrderQuery, StaffOrderPage, StaffOrderRow

routes = Routes("members")

GUARDED = [NotFound, OwnAccount, StaffProtected, AccountGone]
"""What every change of an account may be refused with."""


@routes.get("/v1/me/summary", permission=CUSTOMER, answer=SummaryView, errors=[NotFound])
def read_summary(ctx: Context) -> Summary:
    """My level, my orders by state, my unread messages, points and favourites, and my default address."""
    return summary.of(ctx)


@routes.get("/v1/admin/users", permission=staff("members:read"), errors=[NotFound, Invalid, TooMany])
def list_members(ctx: Context, query: MemberQuery) -> MemberPage:
    """Customers, staff or former users, newest first; or the one with a login.

    Who sees only their own customers finds no others. Without `members:reveal` the logins are masked, and a login is
    looked up a hundred times an hour at most.
    """
    in_full = reading.sees_in_full(ctx)
    if query.login is not None:
        found = reading.with_login(ctx, query.login)
        return MemberPage.page([MemberRow.of_row(user.row(), in_full=in_full) for user in found], None)
    wanted = segments.narrowed(ctx, query.filter(), query.segment_id)
    page = reading.listed(ctx, query.kind, wanted, limit=query.limit, cursor=query.cursor)
    return MemberPage.page([MemberRow.of_row(row, in_full=in_full) for row in page.data], page.next_cursor)


@routes.get(
    "/v1/admin/users/export",
    permission=staff("members:export"),
    audited=True,
    sensitive=True,
    answer_types=["text/csv"],
    errors=[NotFound, Invalid],
)
def export_members(ctx: Context, query: ExportQuery) -> RawAnswer:
    """A page of members as CSV; `X-Next-Cursor` leads to the next one.

    Cells that a spreadsheet would run as formulas begin with an apostrophe, which an import takes off again.
    Without `members:reveal` the logins are masked.
    """
    wanted = segments.narrowed(ctx, query.filter(), query.segment_id)
    page = exporting.taken_out(ctx, query.kind, wanted, limit=query.limit, cursor=query.cursor)
    return csv_page(exporting.COLUMNS, exporting.lines(ctx, page), page.next_cursor)


@routes.post(
    "/v1/admin/users/import",
    permission=staff("members:import"),
    answer=MemberImportReport,
    content_types=["text/csv", "application/json"],
    body_bytes=importing.MOST_BYTES,
    errors=[Invalid, NotJson],
)
def import_members(ctx: Context, query: ImportQuery, raw: Raw) -> MemberImportReport:
    """Members from a CSV file with a line of names, or from JSON `{"rows": [...]}`, 1,000 at most.

    Each row is made by itself: good ones are kept, bad ones named, and the same file again makes nobody twice.
    Changing those who have a login takes `members:reveal`: it tells whose the login is.
    """
    return importing.run(ctx, importing.read(ctx, raw), query)


@routes.post(
    "/v1/admin/users/batch",
    permission=staff("members:write"),
    idempotent=Idempotent.ACCEPTED,
    errors=[Invalid],
)
def run_batch(ctx: Context, body: RunBatch) -> BatchReport:
    """Disable, enable, tag, untag or give a level to up to 100 members, each by itself."""
    return batching.run(ctx, body)


@routes.post(
    "/v1/admin/users",
    permission=staff("members:write"),
    status=201,
    answer=MemberView,
    idempotent=Idempotent.ACCEPTED,
    errors=[LoginTaken, Invalid],
)
def create_member(ctx: Context, body: CreateMember) -> Shown:
    """Open an account for somebody."""
    draft = Draft(name=body.name or "", level=body.level, tags=body.tags, adviser_id=body.adviser_id)
    return editing.create(ctx, body.login, body.password, draft)


@routes.get(
    "/v1/admin/users/{user_id}", permission=staff("members:read"), answer=MemberDetail, errors=[NotFound]
)
def read_member(ctx: Context, user_id: MemberId) -> Detail:
    """A member, with their orders counted. Without `members:reveal` the logins are masked."""
    return reading.detail(ctx, user_id)


@routes.patch(
    "/v1/admin/users/{user_id}",
    permission=staff("members:write"),
    answer=MemberView,
    errors=[*GUARDED, PreconditionFailed, Invalid],
)
def edit_member(ctx: Context, user_id: MemberId, body: EditMember, if_match: int | None) -> Shown:
    """Change a member's name, level, tags or adviser."""
    return editing.edit(ctx, user_id, body.fields(), if_match)


@routes.post(
    "/v1/admin/users/{user_id}/disable",
    permission=staff("members:write"),
    answer=MemberView,
    idempotent=Idempotent.ACCEPTED,
    errors=[*GUARDED, LastOfRole],
)
def disable_member(ctx: Context, user_id: MemberId, body: Because) -> Shown:
    """Let a member sign in no more, and sign them out everywhere at once."""
    return access.disable(ctx, user_id)


@routes.post(
    "/v1/admin/users/{user_id}/enable",
    permission=staff("members:write"),
    answer=MemberView,
    idempotent=Idempotent.ACCEPTED,
    errors=GUARDED,
)
def enable_member(ctx: Context, user_id: MemberId, body: Because) -> Shown:
    """Let a disabled member sign in again."""
    return access.enable(ctx, user_id)


@routes.post(
    "/v1/admin/users/{user_id}/logout",
    permission=staff("members:write"),
    status=204,
    idempotent=Idempotent.ACCEPTED,
    errors=GUARDED,
)
def log_member_out(ctx: Context, user_id: MemberId, body: Because) -> None:
    """End all sessions of a member. They may sign in again."""
    access.log_out(ctx, user_id)


@routes.post(
    "/v1/admin/users/{user_id}/merge",
    permission=staff("members:merge"),
    sensitive=True,
    answer=MemberView,
    idempotent=Idempotent.ACCEPTED,
    errors=[*GUARDED, MergeOpenOrders, MergeWithStaff, Invalid],
)
def merge_member(ctx: Context, user_id: MemberId, body: MergeMember) -> Shown:
    """Two accounts of one person become one: the account in the path keeps its own and gets the other's.

    Logins of a kind it lacks, addresses, tags, spending, points, favourites and footprints move at once, finished
    orders a little later. The other account ends, with all its sessions; a login of a kind that both have is given up.
    """
    return merging.merge(ctx, user_id, body.from_user_id)


@routes.get("/v1/admin/users/{user_id}/orders", permission=staff("orders:read"), errors=[NotFound])
def list_member_orders(ctx: Context, user_id: MemberId, query: OrderQuery) -> StaffOrderPage:
    """A member's orders as they see them, newest first."""
    page = reading.orders_of(ctx, user_id, status=query.status, limit=query.limit, cursor=query.cursor)
    return StaffOrderPage.page([StaffOrderRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/admin/users/{user_id}/addresses", permission=staff("members:read"), errors=[NotFound])
def list_member_addresses(ctx: Context, user_id: MemberId) -> MemberAddresses:
    """A member's addresses, newest first. Without `members:reveal` names, phones and streets are masked."""
    in_full = reading.sees_in_full(ctx)
    kept = reading.addresses_of(ctx, user_id)
    return MemberAddresses(data=[MemberAddress.shown(in_full, one, is_default) for one, is_default in kept])


@routes.get("/v1/admin/users/{user_id}/sessions", permission=staff("members:read"), errors=[NotFound])
def list_member_sessions(ctx: Context, user_id: MemberId, query: ListQuery) -> MemberSessionPage:
    """A member's sessions, newest first, those that have ended too."""
    in_full = reading.sees_in_full(ctx)
    page = reading.sessions_of(ctx, user_id, limit=query.limit, cursor=query.cursor)
    return MemberSessionPage.page(
        [MemberSession.shown(ctx, one, in_full=in_full) for one in page.data], page.next_cursor
    )


@routes.get("/v1/admin/users/{user_id}/sign-ins", permission=staff("members:read"), errors=[NotFound])
def list_member_sign_ins(ctx: Context, user_id: MemberId, query: ListQuery) -> SignInPage:
    """When, where and how somebody signed in as this member, or tried to; newest first, of the last half year."""
    in_full = reading.sees_in_full(ctx)
    page = reading.sign_ins_of(ctx, user_id, limit=query.limit, cursor=query.cursor)
    shown = [
        SignInView(
            id=one.sign_in_id,
            at=one.at,
            way=one.way,
            outcome=one.outcome,
            client_ip=one.client_ip if in_full else masked(one.client_ip),
            user_agent=one.user_agent,
        )
        for one in page.data
    ]
    return SignInPage.page(shown, page.next_cursor)


@routes.get("/v1/admin/member-levels", permission=staff("members:read"), answer=LevelRulesView)
def read_level_rules(ctx: Context) -> LevelRules:
    """What earns a member level. Its ETag is what If-Match takes."""
    return levels.rules(ctx)


@routes.put(
    "/v1/admin/member-levels",
    permission=staff("settings:write"),
    answer=LevelRulesView,
    errors=[PreconditionFailed],
)
def write_level_rules(ctx: Context, body: WriteLevelRules, if_match: int | None) -> LevelRules:
    """Say what earns a member level. Levels rise as orders complete from now on; none is lowered."""
    return levels.write_rules(ctx, body.rules, if_match)


@routes.get("/v1/admin/segments", permission=staff("members:read"))
def list_segments(ctx: Context, query: ListQuery) -> SegmentPage:
    """Saved filters over members, newest first. `segment_id` of the list of members takes one."""
    page = segments.listed(ctx, limit=query.limit, cursor=query.cursor)
    return SegmentPage.page([SegmentView.of(one) for one in page.data], page.next_cursor)


@routes.post(
    "/v1/admin/segments",
    permission=staff("members:write"),
    status=201,
    answer=SegmentView,
    idempotent=Idempotent.ACCEPTED,
)
def create_segment(ctx: Context, body: CreateSegment) -> Segment:
    """Save a filter over members under a name."""
    return segments.create(ctx, body.name, body.filter())


@routes.delete(
    "/v1/admin/segments/{segment_id}", permission=staff("members:write"), status=204, errors=[NotFound]
)
def remove_segment(ctx: Context, segment_id: SegmentId) -> None:
    """Forget a saved filter. The members stay as they are."""
    segments.remove(ctx, segment_id)
