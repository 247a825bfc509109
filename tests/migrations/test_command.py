"""`make migrate`, as an operator uses it."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.migrations import book, running
from infra.tools import migrate as tool
from tests.faults import answering
from tests.jobs import of_kind
from tests.migrations.old_orders import no_item_changes, put, start, unlisted
from tests.migrations.test_fit import one
from tests.shop import Shop
from tests.unchanged import nothing_changes


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "pause_seconds", 0.0)


def test_a_dry_run_says_how_many_and_shows_some(
    shop: Shop, old_orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with no_item_changes():
        assert tool.main(["dry-run", "0001"]) == 0
    said = capsys.readouterr().out
    assert "finished (forward, dry run)" in said
    assert "6 changed, 0 right already, 0 parked" in said
    assert said.count('"before"') == 3
    assert "Lake Road" not in said


@pytest.mark.ledger("S0-007")
def test_up_applies_what_was_not_and_undo_takes_it_back(
    shop: Shop, old_orders: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["up", "--reason", "release 7"]) == 0
    assert unlisted() == 0
    assert "Every migration is applied." in capsys.readouterr().out
    assert tool.main(["status"]) == 0
    assert "applied: yes" in capsys.readouterr().out
    with no_item_changes():
        assert tool.main(["up"]) == 0
        assert tool.main(["undo", "0001", "--dry-run"]) == 0
    assert tool.main(["undo", "0001"]) == 0
    assert unlisted() == 6


def test_what_an_operator_does_is_on_record(shop: Shop, old_orders: list[str]) -> None:
    tool.main(["start", "0001", "--reason", "release 7"])
    (entry,) = [one for one in of_kind("audit_entry") if one["act"]["S"] == "command_migrate_start"]
    assert entry["actor_id"]["S"].startswith("operator:")
    assert (entry["targets"]["M"], entry["reason"]["S"]) == ({"number": {"S": "0001"}}, "release 7")


def test_an_operator_goes_on_with_what_the_stage_began(shop: Shop, old_orders: list[str]) -> None:
    start(shop)
    assert tool.main(["start", "0001"]) == 0
    assert unlisted() == 0


def test_it_waits_for_who_holds_what_is_left(
    shop: Shop, old_orders: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start(shop)
    (segment,) = of_kind("migration_segment")
    until = clock.to_text(shop.clock.now() + timedelta(seconds=50))
    put({**segment, "worker": {"S": "somebody"}, "leased_until": {"S": until}})
    waits: list[float] = []

    def later(seconds: float) -> None:
        waits.append(seconds)
        shop.clock.advance(seconds=30)

    monkeypatch.setattr("infra.tools.migrate.time.sleep", later)
    assert tool.main(["start", "0001"]) == 0
    assert (len(waits), unlisted()) == (2, 0)


def test_a_stopped_command_leaves_the_rest_to_the_job(
    shop: Shop, old_orders: list[str], run_job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as ctrl_c:
        ctrl_c.setattr(running, "work", interrupted)
        assert tool.main(["start", "0001"]) == 1
    run_job()
    assert unlisted() == 0


def test_check_tells_a_deployment_whether_release_and_table_go_together(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["check"]) == 0
    monkeypatch.setattr(book, "known", lambda: (one(required=True),))
    with nothing_changes():
        assert tool.main(["check"]) == 1
    assert 'needs 0001: make migrate ARGS="up"' in capsys.readouterr().err
    assert tool.main(["up"]) == 0
    assert tool.main(["check"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "0099"], "Not found"),
        (["undo", "0001"], "There is nothing to undo"),
        (["stop", "0099"], "Not found"),
    ],
    ids=["unknown", "nothing to undo", "nothing to stop"],
)
def test_a_refusal_says_why_and_changes_nothing(
    shop: Shop, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with nothing_changes():
        assert tool.main(arguments) == 1
    assert said in capsys.readouterr().err


def test_a_table_that_cannot_be_read_is_told(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    with answering("Query", "ResourceNotFoundException", times=1):
        assert tool.main(["status"]) == 2
    assert "ResourceNotFoundException" in capsys.readouterr().err


def test_parked_items_are_named_and_end_with_one(
    shop: Shop, old_orders: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(book, "known", lambda: (one(forward=lambda item: {**item, "other": {"S": "x"}}),))
    assert tool.main(["start", "0001"]) == 1
    said = capsys.readouterr().out
    assert "6 parked" in said
    assert "parked: default#ORDER#ord_" in said
