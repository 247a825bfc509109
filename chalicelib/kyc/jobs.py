"""The clock of verifications."""

from datetime import datetime

from chalicelib.http.jobs import Jobs
from chalicelib.kyc import expiring
from chalicelib.kyc.states import KYC_EXPIRY, KYC_WAITING
from chalicelib.store.timers import BUDGET_SECONDS, Sweep, sweep

jobs = Jobs("chalicelib.kyc.jobs")


@jobs.every_hour
def kyc_expiry(now: datetime) -> list[Sweep]:
    """End approvals whose time is over, and raise the alarm for submissions that wait too long."""
    return [
        sweep(KYC_EXPIRY, now, lambda ref: expiring.expire(ref, now), budget=BUDGET_SECONDS * 2 / 3),
        sweep(KYC_WAITING, now, lambda ref: expiring.raise_alarm(ref, now), budget=BUDGET_SECONDS / 3),
    ]
