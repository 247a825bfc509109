"""What happens when nobody does anything: an approval ends, a submission waits too long."""

from datetime import datetime

from chalicelib.core.context import system
from chalicelib.kyc import service, states
from chalicelib.kyc.entities import Kyc
from chalicelib.store import Ref, again, emit, get, transaction


def expire(ref: Ref, now: datetime) -> None:
    """End an approval whose time is over, and tell the customer. Store calls: 2, or 1 when there is nothing to do."""

    def attempt() -> None:
        case = get(Kyc, ref)
        if case is None or not case.is_overdue(now):
            return
        ctx = system(case.tenant)
        case.record(ctx, "expire")
        with transaction(ctx) as tx:
            emit(tx, "kyc.expired", {"customer_id": case.user_id})
            service.write(tx, case)

    again(attempt, service.KycMoved)


def raise_alarm(ref: Ref, now: datetime) -> None:
    """Tell staff of a submission that waits for them, and look again later. Store calls: 2, or 1."""

    def attempt() -> None:
        case = get(Kyc, ref)
        if case is None or case.timer != states.KYC_WAITING or case.due_at is None or case.due_at > now:
            return
        case.set_timer(states.KYC_WAITING, now + states.ALARM_AFTER)
        ctx = system(case.tenant)
        with transaction(ctx) as tx:
            emit(tx, "kyc.waiting", {"user_id": case.user_id})
            service.rewrite(tx, case)

    again(attempt, service.KycMoved)
