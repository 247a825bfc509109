"""Two deployers and one stage: one waits, whatever happens to the other."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.core import clock as clocks
from infra.deploy import lock as locks
from infra.deploy.lock import Locked, LockLost, break_lock, deploy_lock, main, status
from infra.deploy.lock_table import LockTable
from infra.local import clients

_numbers = itertools.count(1)
_ENGINES = ["moto", pytest.param("emulator", marks=pytest.mark.emulator)]


@pytest.fixture(params=_ENGINES)
def client(request: pytest.FixtureRequest, clock: clocks.SetClock) -> Any:
    if request.param == "moto":
        request.getfixturevalue("moto_client")
        return boto3.client("dynamodb")
    return clients.dynamodb(request.getfixturevalue("emulator").endpoint)


@pytest.fixture
def table(client: Any) -> LockTable:
    return LockTable(client, f"deploys-{next(_numbers)}")


@pytest.fixture
def mine(table: LockTable) -> Iterator[locks.DeployLock]:
    """A deployment of prod that is under way."""
    with suppress(LockLost), deploy_lock("prod", "deploy 0.2.0", table=table) as lock:
        yield lock


def acts(table: LockTable, stage: str = "prod") -> list[str]:
    """Oldest first."""
    return [line["act"] for line in reversed(status(stage, table)[1])]


class Broken(Exception):
    pass


def fails(table: LockTable, clock: clocks.SetClock | None = None, stage: str = "prod") -> None:
    with deploy_lock(stage, "deploy 0.3.0", table=table):
        if clock is not None:
            clock.advance(seconds=1)
        raise Broken


def test_who_comes_second_is_told_who_is_first_and_changes_nothing(
    table: LockTable, mine: locks.DeployLock
) -> None:
    before = table.read("prod")
    with pytest.raises(Locked, match=r"deploy 0\.2\.0, since .* --holder dep_"):
        fails(table)
    assert table.read("prod") == before
    assert acts(table) == ["taken"]


def test_another_stage_is_another_lock(table: LockTable, mine: locks.DeployLock) -> None:
    with pytest.raises(Broken):
        fails(table, stage="staging")


def test_the_lock_is_free_after_the_block_however_it_ends(table: LockTable, clock: clocks.SetClock) -> None:
    with deploy_lock("prod", table=table):
        assert status("prod", table)[0] is not None
        clock.advance(seconds=1)
    assert status("prod", table)[0] is None
    clock.advance(seconds=1)
    with pytest.raises(Broken):
        fails(table, clock)
    assert status("prod", table)[0] is None
    assert acts(table) == ["taken", "ended", "taken", "ended with Broken"]


def test_who_was_killed_loses_it_when_the_lease_has_run_out_and_not_before(
    table: LockTable, mine: locks.DeployLock, clock: clocks.SetClock
) -> None:
    clock.advance(minutes=10, seconds=59)
    with pytest.raises(Locked):
        fails(table)
    clock.advance(seconds=1)
    with pytest.raises(Broken):
        fails(table, clock)
    assert acts(table)[1].startswith(f"taken over from {locks.owner()} ({mine.held.holder})")


def test_who_goes_on_holds_on(table: LockTable, mine: locks.DeployLock, clock: clocks.SetClock) -> None:
    for _ in range(4):
        clock.advance(minutes=9)
        mine.check()
    with pytest.raises(Locked):
        fails(table)


def test_who_wakes_after_a_take_over_is_told_to_stop(table: LockTable, clock: clocks.SetClock) -> None:
    def overslept() -> None:
        with deploy_lock("prod", table=table) as lock:
            clock.advance(minutes=11)
            with deploy_lock("prod", "another", table=table):
                with pytest.raises(LockLost):
                    lock.check()
                assert status("prod", table)[0] is not None

    with pytest.raises(LockLost, match="see what the other deployer did"):
        overslept()
    assert status("prod", table)[0] is None


def test_a_broken_lock_is_another_deployers_and_both_are_on_record(
    table: LockTable, mine: locks.DeployLock
) -> None:
    break_lock("prod", mine.held.holder, "the machine is gone", table)
    with deploy_lock("prod", "another", table=table):
        with pytest.raises(LockLost):
            mine.check()
        lines = status("prod", table)[1]
    assert sorted(line["act"] for line in lines) == ["broken", "taken", "taken"]
    (broken,) = [line for line in lines if line["act"] == "broken"]
    assert (broken["reason"], broken["holder"], broken["by"]) == (
        "the machine is gone",
        mine.held.holder,
        locks.owner(),
    )


def test_who_lost_the_lock_does_not_give_back_anothers(table: LockTable) -> None:
    with ExitStack() as slow:
        first = slow.enter_context(deploy_lock("prod", table=table))
        break_lock("prod", first.held.holder, "thought dead", table)
        with deploy_lock("prod", "another", table=table) as second:
            with pytest.raises(LockLost):
                slow.close()
            second.check()
    assert status("prod", table)[0] is None


def test_nobody_breaks_a_lock_that_was_taken_since(table: LockTable, mine: locks.DeployLock) -> None:
    with pytest.raises(Locked, match="does not hold prod"):
        break_lock("prod", "dep_01ARZ3NDEKTSV4RRFFQ69G5FAV", "old news", table)
    assert table.read("prod") is not None


@pytest.mark.emulator
def test_of_many_at_once_one_gets_in(emulator: Any, clock: clocks.SetClock) -> None:
    """From nothing, table and all; and once more over a lock that has run out."""
    name, gate, inside = f"deploys-{next(_numbers)}", threading.Barrier(6), []

    def deploy() -> str:
        table = LockTable(clients.dynamodb(emulator.endpoint), name)
        gate.wait(timeout=30)
        try:
            with deploy_lock("prod", table=table):
                inside.append(1)
                gate.wait(timeout=30)
        except Locked:
            gate.wait(timeout=30)
            return "locked"
        return "deployed"

    for _ in range(2):
        with ThreadPoolExecutor(6) as pool:
            jobs = [pool.submit(deploy) for _ in range(6)]
        assert sorted(job.result() for job in jobs) == ["deployed"] + ["locked"] * 5
        dead = LockTable(clients.dynamodb(emulator.endpoint), name)
        locks._take(dead, "prod", "killed", timedelta(minutes=10))
        clock.advance(minutes=11)
    assert len(inside) == 2


def test_a_taking_whose_answer_was_lost_is_a_taking(
    table: LockTable, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client asks again, and finds its own lock there."""
    table.ensure()
    send = client.transact_write_items

    def twice(**request: Any) -> Any:
        send(**request)
        return send(**request)

    with monkeypatch.context() as lossy:
        lossy.setattr(client, "transact_write_items", twice)
        held = locks._take(table, "prod", "deploy", timedelta(minutes=10))
    assert table.read("prod") is not None
    assert acts(table) == ["taken"]
    break_lock("prod", held.holder, "done", table)


def test_the_lock_is_renewed_while_the_block_works(table: LockTable, clock: clocks.SetClock) -> None:
    renewed = threading.Event()
    hold_on = table.hold_on

    def seen(*given: Any) -> None:
        hold_on(*given)
        renewed.set()

    table.hold_on = seen  # type: ignore[method-assign, assignment]
    with deploy_lock("prod", table=table, lease=timedelta(seconds=0.2)):
        assert renewed.wait(timeout=20)


def test_a_lock_that_cannot_be_given_back_hides_nothing_and_runs_out(
    table: LockTable, client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "TransactWriteItems")

    table.give_back = refused  # type: ignore[method-assign, assignment]
    with pytest.raises(Broken):
        fails(table)
    assert "could not be given back" in capsys.readouterr().err
    assert status("prod", table)[0] is not None


@pytest.mark.parametrize("stage", ["", "Prod", "../prod", "a b"])
def test_a_stage_has_a_name(table: LockTable, stage: str) -> None:
    with pytest.raises(ValueError, match="no stage"):
        fails(table, stage=stage)


def test_the_command_shows_breaks_and_refuses(
    table: LockTable, clock: clocks.SetClock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "prod"], table) == 0
    assert "nobody is deploying" in capsys.readouterr().out
    with pytest.raises(LockLost), deploy_lock("prod", "deploy 0.2.0", table=table) as lock:
        assert main(["status", "prod"], table) == 0
        assert lock.held.holder in capsys.readouterr().out
        clock.advance(seconds=1)
        assert main(["break", "prod", "--holder", "dep_x", "--reason", "no"], table) == 1
        assert main(["break", "prod", "--holder", lock.held.holder, "--reason", "gone"], table) == 0
    assert "broken" in capsys.readouterr().out
    assert acts(table) == ["taken", "broken"]


def test_looking_makes_no_table(table: LockTable, client: Any) -> None:
    assert main(["status", "prod"], table) == 0
    assert table._name not in client.list_tables()["TableNames"]
