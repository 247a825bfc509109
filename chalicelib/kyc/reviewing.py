"""What staff do: list, look, open, decide."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.kyc import keeping, service, states
from chalicelib.kyc.entities import (
    Kyc,
    KycDocument,
    KycOpening,
    KycPrint,
    KycStated,
    Stated,
    document_ref,
    stated_ref,
)
from chalicelib.kyc.service import KycMoved
from chalicelib.store import (
    Page,
    Transaction,
    again,
    emit,
    get_many,
    items,
    refuse_with,
    remember,
    rows,
    transaction,
)

_SHOWN_OPENINGS = 20
_COUNTED_PRINTS = 100
_EXPIRY = Text("must lie ahead, by 20 years at most", "必须是未来 20 年内的时间")


class OwnKyc(Forbidden):
    """A member of the staff is a customer too, but nobody is their own judge."""

    code = "kyc_own"
    title = Text("This verification is your own", "不能审核自己的实名认证")
    detail = Text("Somebody else has to decide on it.", "请由其他审核人员处理。")


@dataclass(frozen=True, slots=True)
class Case:
    """All that staff see of a verification without opening an image."""

    kyc: Kyc
    duplicates: int
    openings: list[KycOpening]
    version: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One image, and in plain what it has to be compared with."""

    document: KycDocument
    content: str
    stated: Stated


def listed(ctx: Context, *, status: states.Listed, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    """Verifications in one state: those that wait from the longest waiting on, others newest first. One Query."""
    page = rows(
        ctx.tenant,
        Kyc.in_state,
        limit=limit,
        cursor=cursor,
        newest_first=status != "submitted",
        queue=status,
    )
    now = to_text(ctx.now)
    return Page([_as_now(row, now) for row in page.data], page.next_cursor)


def _as_now(row: dict[str, Any], now: str) -> dict[str, Any]:
    """An approval past its time is shown as expired before the sweep has moved it."""
    overdue = row["status"] == "approved" and row["expires_at"] is not None and row["expires_at"] <= now
    return {**row, "status": "expired"} if overdue else row


def case_of(ctx: Context, user_id: str) -> Case:
    """A customer's verification, masked. Store calls: 2, and 1 more while a document is kept. Raises NotFound."""
    case = _existing(ctx, user_id)
    openings = items(
        KycOpening, ctx.tenant, KycOpening.key, user_id=user_id, newest_first=True, limit=_SHOWN_OPENINGS
    )
    return Case(case, _duplicates(case), openings.data, case.version)


def _duplicates(case: Kyc) -> int:
    """How many other accounts gave a document of this number; the count ends at a hundred. One Query."""
    if case.fingerprint is None:
        return 0
    prints = items(
        KycPrint, case.tenant, KycPrint.key, fingerprint=case.fingerprint, limit=_COUNTED_PRINTS
    ).data
    return sum(print_.user_id != case.user_id for print_ in prints)


def open_document(ctx: Context, user_id: str, document_id: str) -> Opened:
    """Open one image. That it was opened, and by whom, is written down before anything is shown.

    Store calls: 2. Raises NotFound.
    """
    image_at, stated_at = document_ref(ctx.tenant, user_id, document_id), stated_ref(ctx.tenant, user_id)
    found = get_many([image_at, stated_at])
    document, stated = found.one(KycDocument, image_at), found.one(KycStated, stated_at)
    if document is None or stated is None:
        raise NotFound
    opening = KycOpening(
        tenant=ctx.tenant,
        user_id=user_id,
        opening_id=ctx.new_id("kop"),
        document_id=document_id,
        at=ctx.now,
        staff_id=ctx.actor.id,
        from_ip=ctx.client_ip or "unknown",
        request_id=ctx.request_id,
    )
    with transaction(ctx) as tx:
        # what was taken back or erased a moment ago is not shown any more
        tx.check("kyc_document", image_at, KycDocument.sealed.exists(), refuse=refuse_with(NotFound))
        tx.put("kyc_opening", opening)
    content, plain = keeping.opened(document, stated)
    return Opened(document, content, plain)


def approve(
    ctx: Context, user_id: str, *, expires_at: datetime | None, note: str, if_match: int | None
) -> Kyc:
    """The customer is who they say, until `expires_at`; else for five years.

    Store calls: 2. Raises NotFound, OwnKyc, KycState, PreconditionFailed, Invalid, AlreadyDone.
    """
    if expires_at is not None and not ctx.now < expires_at <= ctx.now + states.LONGEST:
        raise Invalid.field("expires_at", "out_of_range", _EXPIRY.say(ctx.locale))

    def decide(tx: Transaction, case: Kyc) -> None:
        case.expires_at = expires_at or ctx.now + states.GOOD_FOR
        case.record(ctx, "approve", note)
        told = {"customer_id": user_id, "expires_on": case.expires_at.date().isoformat()}
        emit(tx, "kyc.approved", told)

    return _decide(ctx, user_id, if_match, decide)


def reject(ctx: Context, user_id: str, *, reason: str, if_match: int | None) -> Kyc:
    """Not with this document; the customer reads why and may submit again.

    Store calls: 2. Raises NotFound, OwnKyc, KycState, PreconditionFailed, AlreadyDone.
    """

    def decide(tx: Transaction, case: Kyc) -> None:
        case.reason = reason
        case.record(ctx, "reject", reason)
        emit(tx, "kyc.rejected", {"customer_id": user_id, "reason": reason})

    return _decide(ctx, user_id, if_match, decide)


def _decide(
    ctx: Context, user_id: str, if_match: int | None, decide: Callable[[Transaction, Kyc], None]
) -> Kyc:
    """Of two reviewers the first decides; the second reads again, and finds the case decided."""
    if user_id == ctx.actor.id:
        raise OwnKyc

    def attempt() -> Kyc:
        case = _existing(ctx, user_id)
        with transaction(ctx) as tx:
            decide(tx, case)
            if if_match not in (None, case.version):
                raise PreconditionFailed
            case.decided_at, case.reviewed_by = ctx.now, ctx.actor.id
            service.write(tx, case)
            remember(tx, case)
        return case

    return again(attempt, KycMoved)


def _existing(ctx: Context, user_id: str) -> Kyc:
    case = service.of(ctx, user_id)
    if case.status in ("none", "erased"):
        raise NotFound
    return case
