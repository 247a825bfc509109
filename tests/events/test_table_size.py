"""How large the table is, told once an hour by the dispatch job."""

from chalicelib.core.clock import SetClock
from chalicelib.events import jobs
from chalicelib.store.client import client, table_name
from tests.faults import answering
from tests.jobs import EVENT
from tests.lines import logged
from tests.shop import Shop


def ticks_around_an_hour(clock: SetClock) -> None:
    clock.advance(minutes=58 - clock.now().minute)
    for _ in range(4):
        clock.advance(minutes=1)
        jobs.alert_dispatch(EVENT, None)


def test_the_tables_size_is_told_once_an_hour(shop: Shop, clock: SetClock) -> None:
    with logged() as lines:
        ticks_around_an_hour(clock)
    (line,) = lines.metrics("table_size_bytes")
    table = client().describe_table(TableName=table_name())["Table"]
    assert line["table_size_bytes"] == table["TableSizeBytes"]


def test_a_refused_look_at_the_table_ends_no_job(shop: Shop, clock: SetClock) -> None:
    with logged() as lines, answering("DescribeTable", "AccessDeniedException", times=1):
        ticks_around_an_hour(clock)
    (line,) = lines.of(event="table_size_unknown")
    assert line["reason"] == "ClientError"
    assert len(lines.of(event="job_done")) == 4
