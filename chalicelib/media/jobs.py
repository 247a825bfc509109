"""The clock of uploads."""

from datetime import datetime

from chalicelib.http.jobs import Jobs
from chalicelib.media import removing
from chalicelib.media.entities import UPLOAD_CLEANUP
from chalicelib.store.timers import Sweep, sweep

jobs = Jobs("chalicelib.media.jobs")


@jobs.every_hour
def upload_cleanup(now: datetime) -> Sweep:
    """End uploads that were never completed, and remove what is left of those that ended."""
    return sweep(UPLOAD_CLEANUP, now, lambda ref: removing.clean_up(ref, now))
