"""One shop back to a time: equal to what it was, everybody else untouched, nothing done twice."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from chalicelib.store import client
from chalicelib.store.client import table_name
from chalicelib.store.items import every_kind
from infra.backup import shop as one_shop
from infra.backup.kinds import RULES, WRITTEN_WHOLE
from tests.backup.states import Then, faults, lose, of, others, rows, shut, spoil
from tests.faults import Killed, killed_at
from tests.jobs import every_item, record, stream
from tests.payments.test_paying import attempt, forged, webhook
from tests.platform.shops import Acme, suspend
from tests.shop import Shop
from tests.unchanged import nothing_changes

Capture = pytest.CaptureFixture[str]


def test_every_kind_of_item_has_a_rule() -> None:
    from infra.tools import app

    app.declared()
    declared = {kind.item_kind.get_discriminator(kind) for kind in every_kind()} - {"test_note"}
    assert {kind for kind in declared if kind and not kind.startswith("test")} <= set(RULES)
    assert set(RULES) <= declared
    assert set(RULES) >= WRITTEN_WHOLE


@pytest.mark.rule("B17")
def test_what_was_deleted_edited_and_added_is_as_it_was_and_other_shops_are_untouched(
    shop: Shop, acme: Acme
) -> None:
    then = Then()
    with shut(shop):
        lose("product", "address_book", "points_account", "order", "stock")
        spoil("cart", note={"S": "spoiled"})
        spoil("payment", refunded={"N": "7"})
        client.client().put_item(
            TableName=table_name(),
            Item={
                "pk": {"S": "acme#BRAND"}, "sk": {"S": "brd_new"}, "kind": {"S": "brand"},
                "tenant": {"S": "acme"}, "version": {"N": "0"},
            },
        )  # fmt: skip
        assert of("acme") != of("acme", then.rows)
        before = others()
        assert then.back("--go") == 0
    assert of("acme") == of("acme", then.rows)
    assert others() == before
    assert faults() == []


def test_a_dry_run_counts_by_kind_and_writes_nothing(shop: Shop, acme: Acme, capsys: Capture) -> None:
    then = Then()
    products = lose("product")
    spoil("stock", available={"N": "99"})
    with nothing_changes():
        assert then.back() == 0
    told = {
        line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines() if line.strip()
    }
    assert told["product"] == [str(products), "0", "0", "0"]
    assert told["stock"] == ["0", "1", "0", "0"]
    assert told["Nothing"][0] == "was"


def test_an_open_shop_is_not_written_over(shop: Shop, acme: Acme, capsys: Capture) -> None:
    then = Then()
    lose("product")
    with nothing_changes():
        assert then.back("--go") == 1
    assert "is open and takes orders" in capsys.readouterr().err
    suspend(shop)
    with nothing_changes():
        assert then.back("--go") == 1
    assert "may still be served" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        then.back("--go", "--yes-really", "other")
    assert then.back("--go", "--yes-really", "acme") == 0
    assert of("acme") == of("acme", then.rows)


def bought_since(acme: Acme) -> None:
    order = acme.there.order(acme.lin, acme.sku, 1)["id"]
    assert webhook(forged(attempt(acme.lin, order), tenant="acme")).status == 200


@pytest.mark.rule("B3", "B12")
def test_money_that_came_since_stops_the_books_from_going_back(
    shop: Shop, acme: Acme, capsys: Capture
) -> None:
    then = Then()
    shop.clock.advance(minutes=1)
    bought_since(acme)
    stream()
    with shut(shop), nothing_changes():
        assert then.back("--go") == 1
    said = capsys.readouterr().err
    assert "cannot be taken back" in said
    assert "payment pay_" in said
    assert "--books stay" in said


@pytest.mark.rule("B3", "B12")
def test_with_the_books_standing_what_is_missing_or_damaged_is_put_back_and_later_orders_stay(
    shop: Shop, acme: Acme
) -> None:
    then = Then()
    shop.clock.advance(minutes=1)
    bought_since(acme)
    stream()
    books = {kind: rows(kind) for kind in ("stock", "order_book", "reservation")}
    orders = sorted(str(row) for row in rows("order"))
    with shut(shop):
        lose("product", "product_detail")
        (old,) = (row for row in rows("order") if row["order_id"]["S"] == acme.order)
        spoiled = {**old, "totals": {"M": {**old["totals"]["M"], "payable": {"M": {
            "amount": {"N": "1"}, "currency": {"S": "CNY"}}}}}}  # fmt: skip
        client.client().put_item(TableName=table_name(), Item=spoiled)
        assert faults() != []
        assert then.back("--go", "--books", "stay") == 0
    assert sorted(str(row) for row in rows("order")) == orders
    assert {kind: rows(kind) for kind in books} == books
    assert len(rows("product")) == 1
    assert faults() == []


def test_an_unpaid_order_placed_since_is_gone_with_its_stock_given_back(
    shop: Shop, acme: Acme, capsys: Capture
) -> None:
    then = Then()
    shop.clock.advance(minutes=1)
    acme.there.order(acme.lin, acme.sku, 2)
    with shut(shop):
        with nothing_changes():
            assert then.back("--go") == 1
        assert "1 events wait to be delivered" in capsys.readouterr().err
        stream()
        assert then.back("--go") == 0
    (stock,) = rows("stock")
    assert (len(rows("order")), stock["available"]["N"], stock["reserved"]["N"]) == (1, "3", "0")
    assert faults() == []


@pytest.mark.rule("B19")
def test_nothing_is_delivered_twice_and_nothing_that_was_taken_away_comes_back(
    shop: Shop, acme: Acme
) -> None:
    acme.there.order(acme.lin, acme.sku, 1)
    then = Then()
    assert any(row["kind"]["S"] == "session" for row in then.rows)
    stream()
    acme.lin.post("/v1/auth/logout", {"refresh_token": acme.lin.refresh_token})
    acme.boss.put(f"/v1/admin/users/{acme.boss.id}/roles", {"roles": ["super_admin"], "reason": "x"})
    stream()
    kept = {kind: rows(kind) for kind in ("session", "event", "seen", "idempotency", "user", "role_holders")}
    with shut(shop):
        stream()
        lose("product", "notification")
        assert then.back("--go") == 0
    assert {kind: rows(kind) for kind in kept} == kept
    with_written = [record("INSERT", row, at) for at, row in enumerate(of("acme").values(), 1)]
    from chalicelib.events import jobs

    with nothing_changes():
        jobs.table_stream({"Records": with_written}, None)


def test_the_restore_stands_in_the_shops_own_log_and_the_chain_holds(shop: Shop, acme: Acme) -> None:
    then = Then()
    with shut(shop):
        lose("product")
        links = len(rows("chain_link"))
        assert then.back("--go", "--why", "a bad import") == 0
    stream()
    told = {row["act"]["S"]: row for row in rows("audit_entry")}
    assert {"restore_begun", "restore_done"} <= told.keys()
    assert told["restore_done"]["reason"]["S"] == "a bad import"
    assert len(rows("chain_link")) == links + 2
    shop.clock.advance(hours=1)
    assert faults() == []


@pytest.mark.parametrize("after", [False, True])
def test_a_restore_that_is_killed_anywhere_goes_on(shop: Shop, acme: Acme, after: bool) -> None:
    then = Then()
    with shut(shop):
        lose("product", "product_detail", "order")
        spoil("stock", available={"N": "99"})
        spoil("cart", note={"S": "spoiled"})
        brand = acme.boss
        assert brand
        damaged, calls = every_item(), 0
        while True:
            calls += 8
            _as_it_was(damaged)
            try:
                with killed_at(calls, after=after):
                    done = then.back("--go")
            except Killed:
                assert then.back("--go") == 0
                assert of("acme") == of("acme", then.rows)
                assert faults() == []
                continue
            assert done == 0
            break
    assert calls > 12


def _as_it_was(items: list[dict[str, Any]]) -> None:
    from tests.platform.conftest import _put_in_place

    _put_in_place(items)


def test_a_row_that_somebody_writes_meanwhile_is_not_written_over_blindly(
    shop: Shop, acme: Acme, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    then = Then()
    with shut(shop):
        spoil("stock", available={"N": "99"})
        stands, twins = one_shop._stands, iter([1])

        def outrun(ref: Any, expected: bytes) -> Any:
            found = stands(ref, expected)
            for _ in twins:
                spoil("stock", available={"N": "98"})
            return found

        monkeypatch.setattr(one_shop, "_stands", outrun)
        assert then.back("--go") == 0
    assert "written by others meanwhile" in capsys.readouterr().out
    assert of("acme") == of("acme", then.rows)


def killed(*_: Any, **__: Any) -> None:
    raise Killed


def test_who_closed_their_account_since_stays_forgotten(
    shop: Shop, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.there.address(acme.lin)
    then = Then()
    shop.clock.advance(minutes=1)
    gone = acme.boss.post(f"/v1/admin/users/{acme.lin.id}/erase", {"reason": "asked by mail"})
    assert gone.status in (200, 204), gone.text
    stream(2)
    shop.clock.advance(minutes=11)
    from tests.jobs import tick

    tick()
    assert "Lake Road" not in str([row for row in every_item() if row["pk"]["S"].startswith("acme#")])
    with shut(shop):
        tick()
        lose("product")
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(one_shop, "emit", killed)
            then.back("--go")
        assert "Lake Road" in str(rows("order"))
        assert then.back("--go") == 0
        stream(2)
        tick()
    left = str(rows("address_book") + rows("order") + rows("user") + rows("login") + rows("notification"))
    assert "Lake Road" not in left
    assert "13800000000" not in left
    assert "lin" not in {row["login"]["S"] for row in rows("login")}
    assert len(rows("product")) == 1
    assert then.back() == 0


def test_a_login_that_was_given_up_does_not_come_back(shop: Shop, acme: Acme) -> None:
    then = Then()
    (user,) = (row for row in rows("user") if row["user_id"]["S"] == acme.lin.id)
    bare = {name: value for name, value in user.items() if name != "username"}
    client.client().put_item(TableName=table_name(), Item=bare | {"version": {"N": "9"}})
    with shut(shop):
        assert lose("login") == 2
        assert then.back("--go") == 0
    assert [row["login"]["S"] for row in rows("login")] == ["boss@acme.example.com"]


def test_a_shop_that_is_gone_comes_back_suspended_and_listed(shop: Shop, acme: Acme, capsys: Capture) -> None:
    from infra.tools import tenant as tool

    then = Then()
    with shut(shop):
        with killed_at(6, after=True), pytest.raises(Killed):
            tool.main(["delete", "acme", "--yes-really", "acme", "--abandon"])
        with nothing_changes():
            assert then.back("--go", "--yes-really", "acme") == 1
        assert "is half deleted" in capsys.readouterr().err
        assert tool.main(["delete", "acme", "--yes-really", "acme", "--abandon"]) == 0
        assert rows("product") == []
        assert then.back("--go") == 0
    there = shop.admin.get("/v1/platform/tenants/acme").json
    assert (there["status"], there["hosts"]) == ("suspended", [])
    assert of("acme") == of("acme", then.rows)
    assert shop.admin.post("/v1/platform/tenants/acme/reopen", {"reason": "back"}).status == 200
    assert faults() == []


def test_a_state_in_which_there_was_no_such_shop_deletes_nothing(
    shop: Shop, acme: Acme, capsys: Capture
) -> None:
    then = Then()
    with nothing_changes():
        assert then.back("--go", "--yes-really", "nobody", slug="nobody") == 1
        assert then.back("--go", "--yes-really", "No#body", slug="No#body") == 1
    assert "there was no shop 'nobody'" in capsys.readouterr().err


def test_a_kind_nobody_decided_about_stops_the_restore(shop: Shop, acme: Acme, capsys: Capture) -> None:
    then = Then()
    client.client().put_item(
        TableName=table_name(),
        Item={"pk": {"S": "acme#NEW"}, "sk": {"S": "NEW"}, "kind": {"S": "novelty"}, "tenant": {"S": "acme"}},
    )
    with nothing_changes():
        assert then.back("--go", "--yes-really", "acme") == 1
    assert "'novelty' have no rule" in capsys.readouterr().err


@pytest.mark.emulator
def test_two_operators_at_once_bring_back_one_shop(live_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_shop, "threads", 4)
    acme = Acme(live_shop)
    for number in range(10):
        acme.there.product(title=f"Cup {number}")
    stream()
    then = Then()
    with shut(live_shop):
        lose("product", "product_detail", "order")
        spoil("stock", available={"N": "99"})
        before = others()
        with ThreadPoolExecutor(2) as pool:
            ended = [pool.submit(copy_context().run, then.back, "--go") for _ in range(2)]
            codes = [one.result() for one in ended]
    assert codes == [0, 0]
    assert of("acme") == of("acme", then.rows)
    assert (others(), faults()) == (before, [])
