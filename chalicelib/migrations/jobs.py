"""The job that goes on with a running migration, and does nothing where there is none."""

from datetime import datetime

from chalicelib.http.jobs import Jobs
from chalicelib.migrations import running
from chalicelib.migrations.running import Done

jobs = Jobs("chalicelib.migrations.jobs")


@jobs.every_minute_unattended
def migrations(now: datetime) -> Done:
    """Go on with the migration that runs."""
    return running.work(now)
