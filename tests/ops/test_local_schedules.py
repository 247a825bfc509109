"""Schedules mean what EventBridge says they mean, and jobs do not get in each other's way."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice import Chalice, Cron, Rate
from hypothesis import given
from hypothesis import strategies as some

from infra.local.expressions import parse
from infra.local.schedules import Job, Ticker, jobs_of, seconds_a_minute
from tests.ops.local import wait_until

NOON = datetime(2036, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


def minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


class Clock:
    def __init__(self, at: datetime = NOON) -> None:
        self.seconds = at.timestamp()

    def __call__(self) -> float:
        return self.seconds


class Runs:
    """A handler that keeps its events and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.error: Exception | None = None

    def __call__(self, event: Any, context: Any) -> None:
        self.events.append(event)
        assert self.may_end.wait(5)
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("expression", "at", "due"),
    [
        ("cron(0 12 * * ? *)", "2026-03-02T12:00", True),
        ("cron(0 12 * * ? *)", "2026-03-02T12:01", False),
        ("cron(*/15 * * * ? *)", "2026-03-02T07:45", True),
        ("cron(*/15 * * * ? *)", "2026-03-02T07:50", False),
        ("cron(5/15 * * * ? *)", "2026-03-02T07:50", True),
        ("cron(5/15 * * * ? *)", "2026-03-02T07:00", False),
        ("cron(0 8-10,20 * * ? *)", "2026-03-02T09:00", True),
        ("cron(0 8-10,20 * * ? *)", "2026-03-02T20:00", True),
        ("cron(0 8-10,20 * * ? *)", "2026-03-02T11:00", False),
        ("cron(0 0 1 * ? *)", "2026-04-01T00:00", True),
        ("cron(0 0 1 JAN,jul ? *)", "2026-07-01T00:00", True),
        ("cron(0 0 1 JAN,jul ? *)", "2026-08-01T00:00", False),
        ("cron(0 0 ? * MON-FRI *)", "2026-03-02T00:00", True),
        ("cron(0 0 ? * MON-FRI *)", "2026-03-01T00:00", False),
        ("cron(0 0 ? * 1 *)", "2026-03-01T00:00", True),  # 1 is Sunday
        ("cron(0 0 ? * 7 *)", "2026-03-07T00:00", True),
        ("cron(0 0 ? * 2 2027)", "2026-03-02T00:00", False),
        ("cron(59 23 31 12 ? 2026-2030/2)", "2028-12-31T23:59", True),
        ("cron(59 23 31 12 ? 2026-2030/2)", "2029-12-31T23:59", False),
    ],
)
def test_a_cron_expression_is_due_when_eventbridge_says(expression: str, at: str, due: bool) -> None:
    assert parse(expression).is_due(minute(datetime.fromisoformat(f"{at}+00:00")), since=0) is due


@given(some.integers(1, 500), some.sampled_from([("minute", 1), ("hour", 60), ("day", 1440)]))
def test_a_rate_is_due_once_in_each_period_and_not_at_once(count: int, unit: tuple[str, int]) -> None:
    name, minutes = unit
    schedule = parse(f"rate({count} {name}{'' if count == 1 else 's'})")
    period = count * minutes
    start = minute(NOON)
    assert not schedule.is_due(start, since=start)
    assert schedule.is_due(start + period, since=start)
    assert schedule.is_due(start + 7 * period, since=start)
    if period > 1:
        assert not schedule.is_due(start + period + 1, since=start)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(5 weeks)",
        "every minute",
        "cron(* * * * *)",
        "cron(0 0 1 * 2 *)",
        "cron(0 0 ? * ? *)",
        "cron(? 0 * * 2 *)",
        "cron(60 * * * ? *)",
        "cron(* * 0 * ? *)",
        "cron(*/0 * * * ? *)",
        "cron(*/x * * * ? *)",
        "cron(10-5 * * * ? *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * MON#1 *)",
    ],
)
def test_an_expression_nobody_could_mean_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z]+"):
        parse(expression)


def test_the_apps_own_registry_says_what_runs_when() -> None:
    app = Chalice("tiny")
    seen: list[Any] = []

    @app.schedule("cron(0 3 * * ? *)")
    def nightly(event: Any) -> None:
        seen.append(event)

    @app.schedule(Rate(5, unit=Rate.MINUTES))
    def sweep(event: Any) -> None: ...

    @app.schedule(Cron(0, 3, "?", "*", "MON", "*"))
    def weekly(event: Any) -> None: ...

    jobs = {job.name: job for job in jobs_of(app)}
    assert {name: job.schedule for name, job in jobs.items()} == {
        "nightly": parse("cron(0 3 * * ? *)"),
        "sweep": parse("rate(5 minutes)"),
        "weekly": parse("cron(0 3 ? * MON *)"),
    }

    clock = Clock(datetime(2036, 3, 2, 2, 59, 30, tzinfo=UTC))
    ticker = Ticker([jobs["nightly"]], now=clock)
    clock.seconds += 60
    ticker.tick()
    ticker.stop()
    (event,) = seen
    assert (event.source, event.detail_type, event.region) == ("aws.events", "Scheduled Event", "us-east-1")
    assert event.resources == ["arn:aws:events:us-east-1:000000000000:rule/nightly"]
    assert datetime.fromisoformat(event.time.replace("Z", "+00:00")).tzinfo is not None


def test_a_job_runs_once_for_each_minute_it_is_due() -> None:
    clock, runs = Clock(), Runs()
    ticker = Ticker([Job("sweep", parse("rate(2 minutes)"), runs)], now=clock)
    for _ in range(6):
        clock.seconds += 60
        ticker.tick()
        ticker.tick()
        ticker._running["sweep"].join() if "sweep" in ticker._running else None
    assert len(runs.events) == 3


def test_a_slow_job_is_not_started_twice_and_holds_up_no_other() -> None:
    clock, slow, quick = Clock(), Runs(), Runs()
    slow.may_end.clear()
    every_minute = parse("rate(1 minute)")
    ticker = Ticker([Job("slow", every_minute, slow), Job("quick", every_minute, quick)], now=clock)
    for _ in range(3):
        clock.seconds += 60
        ticker.tick()
        ticker._running["quick"].join()
    assert (len(slow.events), len(quick.events)) == (1, 3)
    slow.may_end.set()
    ticker._running["slow"].join()
    clock.seconds += 60
    ticker.tick()
    ticker.stop()
    assert len(slow.events) == 2


def test_a_failing_job_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    clock, runs = Clock(), Runs()
    runs.error = RuntimeError("boom")
    ticker = Ticker([Job("sweep", parse("rate(1 minute)"), runs)], now=clock)
    for _ in range(2):
        clock.seconds += 60
        ticker.tick()
        ticker._running["sweep"].join()
    assert len(runs.events) == 2
    assert caplog.text.count("the job sweep failed") == 2


def test_after_the_machine_slept_a_missed_job_runs_once() -> None:
    clock, hourly, nightly = Clock(), Runs(), Runs()
    ticker = Ticker(
        [Job("hourly", parse("rate(1 hour)"), hourly), Job("nightly", parse("cron(0 3 * * ? *)"), nightly)],
        now=clock,
    )
    clock.seconds += 3.5 * 3600
    ticker.tick()
    ticker.stop()
    assert (len(hourly.events), len(nightly.events)) == (1, 0)


def test_a_shorter_minute_makes_an_hour_pass_sooner() -> None:
    runs = Runs()
    ticker = Ticker([Job("hourly", parse("rate(1 hour)"), runs)], minute_seconds=0.002)
    ticker.start()
    wait_until(lambda: len(runs.events) >= 3, "three hours of two milliseconds a minute")
    ticker.stop()
    ended = len(runs.events)
    threading.Event().wait(0.3)
    assert len(runs.events) == ended, "a stopped ticker starts nothing"


@pytest.mark.parametrize("text", ["0", "-1", "soon"])
def test_a_minute_of_no_length_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_TICK_SECONDS", text)
    with pytest.raises(ValueError, match="SOUK_TICK_SECONDS must be a number above 0"):
        seconds_a_minute()
