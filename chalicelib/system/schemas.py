"""API shapes of jobs and of the system's page."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from chalicelib.http import ListOf, Timestamp, View
from chalicelib.store.system_notes import BreakerNote
from chalicelib.system.standing import BreakerState, JobState

JobName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", examples=["order_timeout"])]


class SweptView(View):
    """What a run did for one timer."""

    timer: str
    handled: int
    failed: int
    left: bool
    """Whether some of what was due waits for the next run."""
    lateness_seconds: int
    """How late the oldest due item was; 0: nothing was."""


class RunView(View):
    job: str
    run_id: str
    """Every line of the run carries it."""
    began_at: Timestamp
    took_ms: int
    by: str
    """`schedule`, or who asked for it."""
    outcome: Literal["done", "failed"]
    error: str
    """The kind of what ended it; the log has the rest."""
    handled: int
    failed: int
    left: bool
    lateness_seconds: int
    timers: list[SweptView]

    @classmethod
    def stored(cls, job: str, began_at: Any, told: dict[str, Any]) -> Self:
        outcome = "failed" if told["error"] else "done"
        return cls.model_validate({**told, "job": job, "began_at": began_at, "outcome": outcome})


class JobView(View):
    name: str
    description: str
    schedule: str
    state: JobState
    """`failing`: its last run ended with an error, or could not handle something; `overdue`: it is not heard of."""
    last_run_at: Timestamp | None
    """To within ten minutes where it has nothing to do."""
    lateness_seconds: int
    handled: int
    failed: int
    """Of its last run."""
    handled_total: int
    failed_total: int
    last_run: RunView | None
    last_work: RunView | None
    """The last run that had something to do."""


class JobList(ListOf[JobView]):
    pass


class TableView(View):
    answered_in_ms: float
    """How long one Query took, just now."""


class TimerView(View):
    timer: str
    job: str
    lateness_seconds: int
    as_of: Timestamp


class EventsView(View):
    outbox_backlog: int
    """Events that are due and not delivered."""
    dead_letters: int
    """Of all shops."""
    at_least: int
    """A count of this many or more is not exact."""


class BreakerView(View):
    provider: str
    state: BreakerState
    """By the last word of any process; each process goes by its own."""
    at: Timestamp
    until: Timestamp | None
    failures: int
    reason: str

    @classmethod
    def of(cls, note: BreakerNote, state: BreakerState = "closed") -> Self:
        return cls(
            provider=note.provider,
            state=state,
            at=note.at,
            until=note.until,
            failures=note.failures,
            reason=note.reason,
        )


class SystemView(View):
    status: Literal["ok", "degraded"]
    problems: list[str]
    """What somebody should look at, each as `what:which`."""
    version: str
    stage: str
    table: TableView
    timers: list[TimerView]
    events: EventsView
    breakers: list[BreakerView]
    """Those that ever opened."""
    jobs: list[JobView]
