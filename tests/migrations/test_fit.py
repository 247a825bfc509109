"""Whether a release and a table go together, and the list of migrations itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.text import Text
from chalicelib.migrations import book, versions
from chalicelib.migrations.model import NEVER, BadMigration, Migration
from chalicelib.store.items import every_kind
from infra.tools import app
from tests.migrations.old_orders import URL, no_item_changes, start, status, undo
from tests.shop import Shop, send

app.declared()
KINDS = {item.item_kind.get_discriminator(item) for item in every_kind()}


def one(number: str = "0001", **more: Any) -> Migration:
    told: dict[str, Any] = {
        "number": number,
        "title": Text("A flag", "标记"),
        "kinds": frozenset({"order"}),
        "attributes": frozenset({"flag"}),
        "forward": lambda item: {**item, "flag": {"BOOL": True}},
        "backward": lambda item: {name: value for name, value in item.items() if name != "flag"},
    }
    return Migration(**told | more)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return lambda *migrations: monkeypatch.setattr(book, "known", lambda: migrations)


def ready() -> tuple[int, str]:
    answer = send("GET", "/v1/health/ready")
    return answer.status, "" if answer.status == 200 else answer.code


def test_a_release_is_not_ready_before_the_migration_it_needs(
    shop: Shop, known: Callable[..., None], run_job: Any
) -> None:
    known(one(required=True))
    assert ready() == (503, "data_misfit")
    assert send("GET", "/v1/health/ready").json["behind"] == ["0001"]
    start(shop, dry_run=True)
    run_job()
    assert ready() == (503, "data_misfit")
    start(shop)
    assert ready() == (503, "data_misfit")
    run_job()
    assert ready() == (200, "")


def test_what_it_does_not_need_may_wait(shop: Shop, known: Callable[..., None]) -> None:
    known(one())
    assert ready() == (200, "")


def test_an_older_release_is_not_ready_over_data_it_cannot_read(
    shop: Shop, known: Callable[..., None], run_job: Any
) -> None:
    known(one("0001"), one("0002", older_code_reads_it=False))
    for number in ("0001", "0002"):
        assert start(shop, number).status == 200
        run_job()
    known(one("0001"))
    page = shop.admin.get(URL).json
    assert (page["fits"], page["behind"], page["ahead"]) == (False, [], ["0002"])
    assert ready() == (503, "data_misfit")
    known(one("0001"), one("0002", older_code_reads_it=False))
    undo(shop, "0002")
    run_job()
    known(one("0001"))
    assert ready() == (200, "")


def test_an_older_release_leaves_alone_what_a_newer_one_began(
    shop: Shop, known: Callable[..., None], run_job: Any
) -> None:
    known(one("0001"), one("0002"))
    start(shop, "0001")
    run_job()
    start(shop, "0002")
    known(one("0001"))
    with no_item_changes():
        run_job()
    known(one("0001"), one("0002"))
    assert status(shop, "0002")["run"]["status"] == "stopped"
    assert start(shop, "0002").status == 200
    run_job()
    assert status(shop, "0002")["applied"] == "yes"


@pytest.mark.ledger("S0-007")
def test_migrations_go_in_order_and_back_in_reverse(
    shop: Shop, known: Callable[..., None], run_job: Any
) -> None:
    known(one("0001"), one("0002"))
    early = start(shop, "0002")
    assert (early.status, early.code, early.json["number"]) == (409, "migration_order", "0001")
    for number in ("0001", "0002"):
        start(shop, number)
        run_job()
    out_of_turn = undo(shop, "0001")
    assert (out_of_turn.status, out_of_turn.json["number"]) == (409, "0002")
    for number in ("0002", "0001"):
        assert undo(shop, number).status == 200
        run_job()
    assert [row["applied"] for row in shop.admin.get(URL).json["data"]] == ["no", "no"]


def test_one_runs_at_a_time(shop: Shop, known: Callable[..., None], run_job: Any) -> None:
    known(one("0001"))
    start(shop)
    run_job()
    start(shop, dry_run=True)
    assert undo(shop).code == "migration_running"
    assert start(shop).code == "migration_running"
    assert start(shop, dry_run=True).status == 200


def test_one_without_a_way_back_is_not_undone(shop: Shop, known: Callable[..., None], run_job: Any) -> None:
    known(one(backward=None))
    start(shop)
    run_job()
    assert (undo(shop).status, undo(shop).code) == (409, "migration_one_way")
    assert shop.admin.get(URL).json["data"][0]["can_be_undone"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "1"},
        {"kinds": frozenset()},
        {"attributes": frozenset()},
        {"attributes": frozenset({"pk"})},
        {"attributes": frozenset({"version"})},
        {"shown": frozenset({"name"})},
        *({"kinds": frozenset({kind})} for kind in NEVER),
    ],
    ids=str,
)
def test_a_migration_that_contradicts_itself_cannot_be_declared(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadMigration):
        one(**wrong)


def test_every_file_of_a_migration_is_listed_under_its_number_in_order() -> None:
    files = sorted(path.stem for path in Path(versions.__file__).parent.glob("m[0-9]*.py"))
    assert [name[1:5] for name in files] == [one.number for one in versions.MIGRATIONS]


@pytest.mark.parametrize("migration", versions.MIGRATIONS, ids=lambda one: one.number)
def test_a_migration_touches_kinds_that_there_are(migration: Migration) -> None:
    assert migration.kinds <= KINDS
    assert NEVER.keys() <= KINDS
