"""What a customer does: submit, submit again, take back."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Forbidden, Invalid
from chalicelib.core.text import Text
from chalicelib.kyc import images, keeping, service
from chalicelib.kyc.documents import DOCUMENT_TYPES
from chalicelib.kyc.documents.base import Fault
from chalicelib.kyc.entities import Kyc, Stated
from chalicelib.kyc.images import Image
from chalicelib.kyc.schemas import SubmitKyc
from chalicelib.kyc.service import KycMoved
from chalicelib.store import again, remember, transaction
from chalicelib.tenants import service as tenants
from chalicelib.tenants.parameters import KYC_SUBMISSIONS

_OLDEST_YEARS = 130
_NOT_BORN = Text("is not the birth date of a living person", "出生日期不合理")


class SubmissionsOff(Forbidden):
    code = "kyc_submissions_off"
    title = Text("This shop takes no documents for verification", "该店铺暂不受理实名认证")
    detail = Text("What you handed in before stays under review.", "此前提交的资料仍会审核。")


def submit(ctx: Context, body: SubmitKyc) -> Kyc:
    """Hand in a document for review, in the place of one that was rejected, taken back or has expired.

    Store calls: 2. Raises Invalid, KycState, AlreadyDone, SubmissionsOff.
    """
    if not tenants.is_on(ctx, KYC_SUBMISSIONS):
        raise SubmissionsOff
    sent = _checked(ctx, body)
    stated = Stated(
        real_name=body.real_name,
        document_number=body.document_number.upper(),
        birth_date=body.birth_date.isoformat(),
    )

    def attempt() -> Kyc:
        case = service.own(ctx)
        case.record(ctx, "submit")
        case.document_type, case.submitted_at = body.document_type, ctx.now
        case.decided_at = case.reviewed_by = case.reason = case.expires_at = None
        with transaction(ctx) as tx:
            keeping.keep(tx, case, DOCUMENT_TYPES[body.document_type], stated, sent)
            service.write(tx, case)
            remember(tx, case)
        return case

    return again(attempt, KycMoved)


def withdraw(ctx: Context) -> Kyc:
    """Take a submission back; what was sent is deleted. Store calls: 2. Raises KycState, AlreadyDone."""

    def attempt() -> Kyc:
        case = service.own(ctx)
        case.record(ctx, "withdraw")
        with transaction(ctx) as tx:
            keeping.forget(tx, case)
            service.write(tx, case)
            remember(tx, case)
        return case

    return again(attempt, KycMoved)


def _checked(ctx: Context, body: SubmitKyc) -> list[Image]:
    """The images of a submission that is right in all its parts. Raises Invalid with every fault there is."""
    document_type = DOCUMENT_TYPES[body.document_type]
    sent, faults = images.read(body.documents, document_type.sides)
    faults += document_type.faults(body.document_number.upper(), body.birth_date)
    if not 0 <= ctx.now.year - body.birth_date.year <= _OLDEST_YEARS or body.birth_date > ctx.now.date():
        faults.append(Fault("birth_date", "out_of_range", _NOT_BORN))
    if faults:
        raise Invalid(
            [{"field": one.field, "code": one.code, "message": one.said.say(ctx.locale)} for one in faults]
        )
    return sent
