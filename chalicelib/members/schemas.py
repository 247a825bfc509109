"""API shapes of members."""

from typing import Annotated, Any, Literal, Self, cast

from pydantic import ConfigDict, Field, model_validator

from chalicelib.addresses.entities import Address
from chalicelib.addresses.schemas import AddressView
from chalicelib.core import ids
from chalicelib.core.clock import from_text
from chalicelib.core.context import Context
from chalicelib.core.masking import masked
from chalicelib.http import Body, ListOf, ListQuery, Query, Timestamp, View, left_out
from chalicelib.identity.entities import Level, ListedAs, Session, User, UserStatus
from chalicelib.identity.schemas import LoginText, Name, Password
from chalicelib.members.entities import LevelRule
from chalicelib.members.filters import MOST_TAGS, Filter, Tag, Words
from chalicelib.members.reading import Detail, Shown
from chalicelib.members.summary import Summary
from chalicelib.orders.schemas import OrderCounts

MemberId = Annotated[str, Field(pattern=ids.pattern("usr"))]
SegmentId = Annotated[str, Field(pattern=ids.pattern("seg"))]
Reason = Annotated[str, Field(min_length=1, max_length=300)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS)]


class SummaryView(View):
    """What a customer's own page begins with."""

    name: str
    avatar_url: str | None
    level: Level
    orders: OrderCounts
    unread_notifications: int
    points: int
    favorites: int
    """How many there are."""
    default_address: AddressView | None

    @classmethod
    def of(cls, thing: Any) -> Self:
        summary: Summary = thing
        address = summary.default_address
        return cls(
            name=summary.user.name,
            avatar_url=summary.user.avatar_url,
            level=cast(Level, summary.user.level),
            orders=OrderCounts.of(summary.orders),
            unread_notifications=summary.unread,
            points=summary.points,
            favorites=summary.favorites,
            default_address=AddressView(**address.model_dump(), is_default=True) if address else None,
        )


class MemberQuery(ListQuery):
    kind: ListedAs = "customer"
    """`gone`: closed by their owners, or merged into another."""
    status: UserStatus | None = None
    level: Level | None = None
    tag: Tag | None = None
    adviser_id: MemberId | None = None
    q: Words | None = None
    """Part of the name."""
    segment_id: SegmentId | None = None
    """What a saved filter says, where the query itself says nothing."""
    login: LoginText | None = None
    """The one member with exactly this login; nothing else is looked at then."""

    def filter(self) -> Filter:
        return Filter(**self.model_dump(exclude={"kind", "segment_id", "login", "limit", "cursor"}))


class ExportQuery(MemberQuery):
    limit: Annotated[int, Field(ge=1, le=100)] = 100


class MemberRow(View):
    """A member as a list shows them. Without `members:reveal` the logins are masked."""

    id: str
    name: str
    email: str | None
    phone: str | None
    username: str | None
    roles: list[str]
    status: UserStatus
    level: Level
    tags: list[str]
    adviser_id: str | None
    created_at: Timestamp

    @classmethod
    def of_row(cls, row: dict[str, Any], *, in_full: bool) -> Self:
        return cls(**_discreet({**row, "created_at": from_text(row["created_at"])}, in_full))


class MemberPage(ListOf[MemberRow]):
    pass


class MemberView(MemberRow):
    level_is_fixed: bool
    """Set by staff: no rule moves it."""
    avatar_url: str | None
    has_password: bool
    has_wechat: bool
    merged_into: str | None
    last_seen_at: Timestamp | None

    @classmethod
    def of(cls, thing: Any) -> Self:
        shown: Shown = thing
        return cls(**_fields(shown.user, shown.in_full))


class MemberDetail(MemberView):
    """Orders, addresses, sessions and sign-ins are lists of their own below the member's address."""

    orders: OrderCounts
    addresses: int
    """How many there are."""
    points: int
    favorites: int
    """How many there are."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        detail: Detail = thing
        return cls(
            **_fields(detail.user, detail.in_full),
            orders=OrderCounts.of(detail.orders),
            addresses=detail.addresses,
            points=detail.points,
            favorites=detail.favorites,
        )


def _fields(user: User, in_full: bool) -> dict[str, Any]:
    every = {
        **user.row(),
        "created_at": user.created_at,
        "level_is_fixed": user.level_is_fixed,
        "avatar_url": user.avatar_url,
        "has_password": user.password_hash is not None,
        "has_wechat": user.wechat_openid is not None,
        "merged_into": user.merged_into,
        "last_seen_at": user.last_seen_at,
    }
    return _discreet(every, in_full)


def _discreet(fields: dict[str, Any], in_full: bool) -> dict[str, Any]:
    if in_full:
        return fields
    return {
        **fields,
        **{name: fields[name] and masked(fields[name]) for name in ("email", "phone", "username")},
    }


class CreateMember(Body):
    login: LoginText
    """An email address, a phone number or a username."""
    password: Password | None = None
    """Left out: they ask for a code, or for a new password."""
    name: Name | None = None
    level: Level | None = None
    """Left out: as the rules have it."""
    tags: Tags = Field(default_factory=list)
    adviser_id: MemberId | None = None
    reason: Reason | None = None


class EditMember(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Name = left_out()
    level: Level | None = None
    """Null leaves it to the rules again."""
    tags: Tags = left_out()
    adviser_id: MemberId | None = None
    """Null: nobody."""
    reason: Reason | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.fields():
            raise ValueError("give at least one field to change")
        return self

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"reason"})


class Because(Body):
    reason: Reason
    """For the audit log."""


class MergeMember(Body):
    from_user_id: MemberId
    """The account that ends; what it has goes to the one in the path."""
    reason: Reason


class MemberAddress(View):
    id: str
    recipient: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    line1: str
    postal_code: str | None
    is_default: bool
    created_at: Timestamp

    @classmethod
    def shown(cls, ctx_may_see: bool, address: Address, is_default: bool) -> Self:
        fields = address.model_dump()
        if not ctx_may_see:
            fields |= {name: masked(fields[name]) for name in ("recipient", "phone", "line1")}
        return cls(**fields, is_default=is_default)


class MemberAddresses(View):
    data: list[MemberAddress]


class MemberSession(View):
    id: str
    way: str
    client_ip: str
    user_agent: str
    created_at: Timestamp
    refreshed_at: Timestamp | None
    expires_at: Timestamp | None
    ended_at: Timestamp | None

    @classmethod
    def shown(cls, ctx: Context, session: Session, *, in_full: bool) -> Self:
        return cls(
            id=session.session_id,
            way=session.way,
            client_ip=session.client_ip if in_full else masked(session.client_ip),
            user_agent=session.user_agent,
            created_at=session.created_at,
            refreshed_at=session.refreshed_at,
            expires_at=session.ttl,
            ended_at=session.revoked_at or (session.ttl if session.is_expired(ctx.now) else None),
        )


class MemberSessionPage(ListOf[MemberSession]):
    pass


class WriteLevelRules(Body):
    rules: Annotated[list[LevelRule], Field(max_length=20)]
    reason: Reason | None = None


class LevelRulesView(View):
    rules: list[LevelRule]


class CreateSegment(Body):
    name: Name
    status: UserStatus | None = None
    level: Level | None = None
    tag: Tag | None = None
    adviser_id: MemberId | None = None
    q: Words | None = None

    def filter(self) -> Filter:
        return Filter(**self.model_dump(exclude={"name"}))


class SegmentView(View):
    id: str
    name: str
    status: UserStatus | None = None
    level: Level | None = None
    tag: str | None = None
    adviser_id: str | None = None
    q: str | None = None

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls(**thing.shown)


class SegmentPage(ListOf[SegmentView]):
    pass


class RunBatch(Body):
    action: Literal["disable", "enable", "tag", "untag", "level"]
    user_ids: Annotated[list[MemberId], Field(min_length=1, max_length=100)]
    tag: Tag | None = None
    """For `tag` and `untag`."""
    level: Level | None = None
    """For `level`; null leaves it to the rules again."""
    reason: Reason


class BatchRow(View):
    user_id: str
    outcome: Literal["done", "failed", "left"]
    """`left`: not begun before time ran out; send these again."""
    code: str | None = None
    message: str | None = None


class BatchReport(View):
    data: list[BatchRow]


class ImportQuery(Query):
    dry_run: bool = False
    """Says what would come of each row, and writes nothing."""
    existing: Literal["skip", "update"] = "skip"
    """What becomes of rows whose login has an account."""


class ImportedRow(Body):
    """One member of a file. At least one login; what is left out, or empty, stays as it is."""

    email: LoginText | None = None
    phone: LoginText | None = None
    username: LoginText | None = None
    name: Name = left_out()
    level: Level | None = None
    tags: Tags = Field(default_factory=list)
    adviser_id: MemberId | None = None

    def fields(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True, exclude={"email", "phone", "username"})


class ImportRows(Body):
    """A file as JSON; the rows are checked one by one."""

    rows: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class ImportOutcome(View):
    row: int
    """Counted from 1, the line of names not counted."""
    outcome: Literal["created", "updated", "unchanged", "skipped", "failed"]
    user_id: str | None = None
    code: str | None = None
    message: str | None = None


class MemberImportReport(View):
    dry_run: bool
    data: list[ImportOutcome]
    left: int
    """Rows not looked at before time ran out: send the same file again."""
