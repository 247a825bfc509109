"""Running a job now, at the wish of a person."""

from chalicelib.core import runs
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.text import Text
from chalicelib.http import schedule
from chalicelib.http.jobs import run
from chalicelib.store import note, refuse_repeat
from chalicelib.system.schemas import RunView

MOST_SECONDS = 20.0
"""The gateway waits 29; what is not done by then waits for the next run, as always."""


class JobUnknown(NotFound):
    code = "job_unknown"
    title = Text("There is no such job", "没有这个任务")
    detail = Text("GET /v1/admin/jobs lists them.", "请查看 GET /v1/admin/jobs。")


class JobUnattended(Conflict):
    code = "job_unattended"
    title = Text("This job is not run by hand", "该任务不支持手动执行")
    detail = Text(
        "It has a page of its own: migrations are started at /v1/platform/migrations.",
        "它有自己的管理接口：迁移请通过 /v1/platform/migrations 启动。",
    )


def run_now(ctx: Context, name: str) -> RunView:
    """Run it to its end, or for twenty seconds. A job may run twice at once: its schedule goes on meanwhile.

    Put on record before it begins, so that a run that was cut off is on record too. Store calls: 2 and what the job
    makes. Raises JobUnknown, JobUnattended.
    """
    job = next((one for one in schedule.listed() if one.name == name), None)
    if job is None:
        raise JobUnknown
    if not job.by_hand:
        raise JobUnattended
    refuse_repeat(ctx)
    note(ctx)
    with runs.within(MOST_SECONDS):
        done, _ = run(schedule.load(job), by=ctx.actor.id)
    return RunView.stored(name, done.began_at, done.told())
