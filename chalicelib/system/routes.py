"""Jobs, the system's page, and this process's metrics, for who looks after the installation."""

from chalicelib.core import exposition
from chalicelib.core.context import Context
from chalicelib.http import Idempotent, RateLimit, RawAnswer, Routes, staff
from chalicelib.system import reading, running
from chalicelib.system.running import JobUnattended, JobUnknown
from chalicelib.system.schemas import JobList, JobName, RunView, SystemView

routes = Routes("system")


@routes.get("/v1/admin/system", permission=staff("system:read"))
def read_system(ctx: Context) -> SystemView:
    """How the installation stands: table, timers, undelivered events, other services, jobs. Of all shops together."""
    return reading.status(ctx)


@routes.get("/v1/admin/jobs", permission=staff("jobs:read"))
def list_jobs(ctx: Context) -> JobList:
    """Every scheduled job, its last run, how late it found what was due, and what it handled."""
    return JobList.page(reading.jobs(ctx), None)


@routes.post(
    "/v1/admin/jobs/{name}/run",
    permission=staff("jobs:run"),
    idempotent=Idempotent.ACCEPTED,
    errors=[JobUnknown, JobUnattended],
    rate_limit=RateLimit(limit=20, window_seconds=60, per="user", shared=False),
)
def run_job(ctx: Context, name: JobName) -> RunView:
    """Run a job now, for twenty seconds at most, beside its schedule. It handles what it finds due."""
    return running.run_now(ctx, name)


@routes.get("/v1/metrics", permission=staff("system:read"), answer_types=["text/plain"])
def read_metrics(ctx: Context) -> RawAnswer:
    """What this one process has measured since it began, in Prometheus's text format. Others have their own."""
    return RawAnswer(body=exposition.text(), content_type=exposition.CONTENT_TYPE)
