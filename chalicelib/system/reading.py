"""The system's page and the list of jobs, each from one Query and what it has to count."""

from datetime import datetime

import chalicelib
from chalicelib.core.context import Context
from chalicelib.core.settings import settings
from chalicelib.http import schedule
from chalicelib.store import outbox, system_notes, timers
from chalicelib.store.system_notes import JobRun, Notes
from chalicelib.system import standing
from chalicelib.system.schemas import (
    BreakerView,
    EventsView,
    JobView,
    RunView,
    SystemView,
    TableView,
    TimerView,
)


def jobs(ctx: Context) -> list[JobView]:
    """Every job and how it stands. One Query."""
    return _jobs(system_notes.read(), ctx.now)


def status(ctx: Context) -> SystemView:
    """Everything on one page. Store calls: 9 (one for the notes; four each to count dead letters and backlog)."""
    notes = system_notes.read()
    events = EventsView(
        outbox_backlog=timers.count(outbox.TIMER, due_by=ctx.now),
        dead_letters=timers.count(outbox.DEAD_TIMER),
        at_least=timers.MOST_COUNTED,
    )
    jobs = _jobs(notes, ctx.now)
    late = _timers(notes)
    breakers = [
        BreakerView.of(note, standing.breaker_state(note, ctx.now))
        for note in sorted(notes.breakers, key=lambda one: one.provider)
    ]
    wrong = standing.problems(
        ((job.name, job.state) for job in jobs),
        ((timer.timer, timer.lateness_seconds) for timer in late),
        ((one.provider, one.state) for one in breakers),
        events.dead_letters,
    )
    return SystemView(
        status="degraded" if wrong else "ok",
        problems=wrong,
        version=chalicelib.__version__,
        stage=settings().stage,
        table=TableView(answered_in_ms=notes.took_ms),
        timers=late,
        events=events,
        breakers=breakers,
        jobs=jobs,
    )


def _jobs(notes: Notes, now: datetime) -> list[JobView]:
    return [_job(job, notes.jobs.get(job.name), now) for job in schedule.listed()]


def _job(job: schedule.Listed, run: JobRun | None, now: datetime) -> JobView:
    last = run.last if run else {}
    return JobView(
        name=job.name,
        description=job.description,
        schedule=job.schedule,
        state=standing.job_state(job.schedule, run, now),
        last_run_at=run.seen_at if run else None,
        lateness_seconds=last.get("lateness_seconds", 0),
        handled=last.get("handled", 0),
        failed=last.get("failed", 0),
        handled_total=run.handled_total if run else 0,
        failed_total=run.failed_total if run else 0,
        last_run=RunView.stored(job.name, run.seen_at, last) if run else None,
        last_work=RunView.stored(job.name, run.worked_at, run.worked) if run and run.worked_at else None,
    )


def _timers(notes: Notes) -> list[TimerView]:
    """Each timer as the last run that was written down left it."""
    found = [
        TimerView(timer=one["timer"], job=name, lateness_seconds=one["lateness_seconds"], as_of=run.seen_at)
        for name, run in notes.jobs.items()
        for one in run.last["timers"]
    ]
    return sorted(found, key=lambda one: one.timer)
