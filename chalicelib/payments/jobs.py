"""The clock of unpaid orders. It stands here because an order's attempts are closed before the order."""

from datetime import datetime

from chalicelib.http.jobs import Jobs
from chalicelib.orders.states import ORDER_TIMEOUT
from chalicelib.payments import closing
from chalicelib.store.timers import Sweep, sweep

jobs = Jobs("chalicelib.payments.jobs")


@jobs.every_minute
def order_timeout(now: datetime) -> Sweep:
    """Close unpaid orders whose time is over, at the provider first; what is paid by then is settled."""
    return sweep(ORDER_TIMEOUT, now, lambda ref: closing.expire(ref, now))
