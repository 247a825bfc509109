"""A customer's own verification, and the review by staff."""

from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.http import CUSTOMER, Idempotent, RateLimit, Routes, staff
from chalicelib.kyc import reviewing, service, submitting
from chalicelib.kyc.entities import Kyc
from chalicelib.kyc.reviewing import Case, Opened, OwnKyc
from chalicelib.kyc.schemas import (
    ApproveKyc,
    DocumentId,
    KycCaseView,
    KycPage,
    KycQuery,
    KycRow,
    KycView,
    OpenedDocumentView,
    RejectKyc,
    StaffKycView,
    SubmitKyc,
    UserId,
)
from chalicelib.kyc.states import KycState
from chalicelib.kyc.submitting import SubmissionsOff

routes = Routes("kyc")

_SUBMISSION_BYTES = 1152 * 1024
"""Four images of 200 KB in base64, and the rest."""
_READ, _REVIEW = staff("kyc:read"), staff("kyc:review")
_DECISION_ERRORS = [NotFound, OwnKyc, KycState, PreconditionFailed]


@routes.get("/v1/me/kyc", permission=CUSTOMER, answer=KycView)
def read_own_kyc(ctx: Context) -> Kyc:
    """How far my verification is; what I stated is masked. `none` where I never submitted anything."""
    return service.own(ctx)


@routes.post(
    "/v1/me/kyc",
    permission=CUSTOMER,
    status=201,
    answer=KycView,
    idempotent=Idempotent.ACCEPTED,
    rate_limit=RateLimit(20, 3600, per="user"),
    body_bytes=_SUBMISSION_BYTES,
    errors=[KycState, SubmissionsOff],
)
def submit_kyc(ctx: Context, body: SubmitKyc) -> Kyc:
    """Submit a document for review, again after a rejection or an expiry.

    The images and what was stated are sealed at rest. Staff see them one by one, and each look is recorded.
    """
    return submitting.submit(ctx, body)


@routes.post(
    "/v1/me/kyc/withdraw",
    permission=CUSTOMER,
    answer=KycView,
    idempotent=Idempotent.ACCEPTED,
    errors=[KycState],
)
def withdraw_kyc(ctx: Context) -> Kyc:
    """Take my submission back before it is decided on. What I sent is deleted."""
    return submitting.withdraw(ctx)


@routes.get("/v1/admin/kyc", permission=_READ)
def list_kyc(ctx: Context, query: KycQuery) -> KycPage:
    """Verifications in one state, masked: those that wait from the longest waiting on, others newest first."""
    page = reviewing.listed(ctx, status=query.status, limit=query.limit, cursor=query.cursor)
    return KycPage.page([KycRow.of(row) for row in page.data], page.next_cursor)


@routes.get("/v1/admin/kyc/{user_id}", permission=_READ, answer=KycCaseView, errors=[NotFound])
def read_kyc(ctx: Context, user_id: UserId) -> Case:
    """A customer's verification, masked, with its history and how many others gave the same document."""
    return reviewing.case_of(ctx, user_id)


@routes.get(
    "/v1/admin/kyc/{user_id}/documents/{document_id}",
    permission=_REVIEW,
    answer=OpenedDocumentView,
    audited=True,
    errors=[NotFound],
)
def open_kyc_document(ctx: Context, user_id: UserId, document_id: DocumentId) -> Opened:
    """Open one image, beside what the customer stated in plain. The look is recorded before it is allowed."""
    return reviewing.open_document(ctx, user_id, document_id)


@routes.post(
    "/v1/admin/kyc/{user_id}/approve",
    permission=_REVIEW,
    answer=StaffKycView,
    idempotent=Idempotent.ACCEPTED,
    errors=_DECISION_ERRORS,
)
def approve_kyc(ctx: Context, user_id: UserId, body: ApproveKyc, if_match: int | None) -> Kyc:
    """The customer is who they say. With `If-Match` only if it is still the submission that was looked at."""
    return reviewing.approve(
        ctx, user_id, expires_at=body.expires_at, note=body.reason or "", if_match=if_match
    )


@routes.post(
    "/v1/admin/kyc/{user_id}/reject",
    permission=_REVIEW,
    answer=StaffKycView,
    idempotent=Idempotent.ACCEPTED,
    errors=_DECISION_ERRORS,
)
def reject_kyc(ctx: Context, user_id: UserId, body: RejectKyc, if_match: int | None) -> Kyc:
    """Not with this document; the customer reads the reason and may submit again."""
    return reviewing.reject(ctx, user_id, reason=body.reason, if_match=if_match)
