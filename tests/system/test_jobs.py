"""Scheduled jobs as staff see them: what there is, how it went, and one run now."""

from typing import Any

import pytest

from chalicelib.core import runs
from chalicelib.http import schedule
from tests.jobs import EVENT, of_kind, tick
from tests.lines import logged
from tests.platform.shops import boss_of, opened
from tests.shop import Shop, send
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/admin/jobs"


def job(shop: Shop, name: str) -> dict[str, Any]:
    (found,) = [one for one in shop.admin.get(URL).json["data"] if one["name"] == name]
    assert isinstance(found, dict)
    return found


def run_now(shop: Shop, name: str, **more: Any) -> Any:
    return shop.admin.post(f"{URL}/{name}/run", **more)


def unpaid(shop: Shop) -> str:
    """An order whose time to pay is over, eight minutes ago."""
    lin = shop.customer()
    order_id = str(shop.order(lin, shop.sku())["id"])
    shop.clock.advance(minutes=38)
    return order_id


def acts(shop: Shop) -> list[dict[str, Any]]:
    return [
        one for one in shop.admin.get("/v1/admin/audit-log").json["data"] if one["act"] == "system_run_job"
    ]


@pytest.mark.ledger("S4-192")
def test_staff_see_each_job_its_last_run_and_run_one_now(shop: Shop) -> None:
    before = {one["name"]: one["state"] for one in shop.admin.get(URL).json["data"]}
    assert before == dict.fromkeys(
        [
            "alert_dispatch",
            "auto_confirm",
            "kyc_expiry",
            "migrations",
            "order_timeout",
            "stock_release",
            "upload_cleanup",
        ],
        "not_seen",
    )
    order_id = unpaid(shop)
    ran = run_now(shop, "order_timeout").json
    assert (ran["outcome"], ran["handled"], ran["failed"], ran["lateness_seconds"]) == ("done", 1, 0, 480)
    assert shop.admin.get(f"/v1/admin/orders/{order_id}").json["status"] == "cancelled"

    seen = job(shop, "order_timeout")
    assert (seen["schedule"], seen["state"]) == ("rate(1 minute)", "ok")
    assert (seen["handled"], seen["failed"], seen["lateness_seconds"]) == (1, 0, 480)
    assert seen["last_run_at"] == ran["began_at"]
    assert seen["last_run"]["by"] == shop.admin.id
    shop.clock.advance(minutes=1)
    tick()
    after = job(shop, "order_timeout")
    assert (after["handled"], after["lateness_seconds"], after["handled_total"]) == (0, 0, 1)
    assert (after["last_run"]["by"], after["last_work"]["by"]) == ("schedule", shop.admin.id)


def test_a_run_on_demand_is_on_record_and_the_same_key_runs_it_once(shop: Shop) -> None:
    unpaid(shop)
    first = run_now(shop, "order_timeout", key="now")
    again = run_now(shop, "order_timeout", key="now")
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    (act,) = acts(shop)
    assert (act["actor_id"], act["targets"]) == (shop.admin.id, {"name": "order_timeout"})
    (noted,) = [item for item in of_kind("job_run") if item["job"]["S"] == "order_timeout"]
    assert noted["handled_total"]["N"] == "1"


def test_the_lines_of_a_run_on_demand_carry_the_request_that_asked_for_it(shop: Shop) -> None:
    unpaid(shop)
    with logged() as lines:
        answer = run_now(shop, "order_timeout")
    (done,) = lines.of(event="job_done")
    assert (done["request_id"], done["run_id"]) == (answer.headers["x-request-id"], answer.json["run_id"])


@pytest.mark.parametrize("name", ["nothing", "table_stream", "os"])
def test_a_job_there_is_not_is_not_run(shop: Shop, name: str) -> None:
    assert shop.admin.id
    with nothing_changes():
        answer = run_now(shop, name)
        assert (answer.status, answer.code) == (404, "job_unknown")


def test_a_job_that_fails_says_so_and_the_next_good_run_clears_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.payments import jobs

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("by nought")

    with monkeypatch.context() as patch, logged() as lines:
        patch.setattr(jobs, "sweep", broken)
        ran = run_now(shop, "order_timeout").json
        with pytest.raises(ZeroDivisionError):
            jobs.order_timeout(EVENT, None)
    assert (ran["outcome"], ran["error"], ran["failed"]) == ("failed", "ZeroDivisionError", 1)
    assert len(lines.metrics("job_failed")) == 2
    seen = job(shop, "order_timeout")
    assert (seen["state"], seen["failed_total"]) == ("failing", 2)
    shop.clock.advance(minutes=1)
    tick()
    assert job(shop, "order_timeout")["state"] == "ok"


def test_a_job_that_is_not_heard_of_is_overdue_an_hourly_one_later(shop: Shop) -> None:
    tick()
    shop.clock.advance(minutes=13)
    states = {one["name"]: one["state"] for one in shop.admin.get(URL).json["data"]}
    assert (states["order_timeout"], states["auto_confirm"]) == ("ok", "ok")
    shop.clock.advance(seconds=1)
    assert job(shop, "order_timeout")["state"] == "overdue"
    shop.clock.advance(hours=1)
    assert job(shop, "auto_confirm")["state"] == "overdue"


def test_a_run_that_cannot_be_written_down_fails_no_job(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise RuntimeError("no room")

    order_id = unpaid(shop)
    monkeypatch.setattr(runs, "_tells", [away])
    with logged() as lines:
        tick()
    assert lines.of(event="run_not_recorded", job_name="order_timeout")
    assert shop.admin.get(f"/v1/admin/orders/{order_id}").json["status"] == "cancelled"


def test_a_run_on_demand_ends_before_the_gateway_gives_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.payments import jobs

    given: list[float] = []
    monkeypatch.setattr(jobs, "sweep", lambda *_: given.append(runs.seconds_left(45.0)))
    assert run_now(shop, "order_timeout").json["outcome"] == "done"
    jobs.order_timeout(EVENT, None)
    assert 19 < given[0] <= 20
    assert given[1] == 45.0


def test_a_budget_is_cut_to_what_is_left_of_the_time() -> None:
    assert runs.seconds_left(45.0) == 45.0
    with runs.within(20.0):
        assert 19 < runs.seconds_left(45.0) <= 20
        assert runs.seconds_left(3.0) == 3.0
    assert runs.seconds_left(45.0) == 45.0


def test_the_list_is_one_query(shop: Shop) -> None:
    tick()
    assert shop.admin.get(URL).status == 200
    with store_calls() as calls:
        shop.admin.get(URL)
    assert calls == ["Query"]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", URL),
        ("POST", f"{URL}/order_timeout/run"),
        ("GET", "/v1/admin/system"),
        ("GET", "/v1/metrics"),
    ],
)
def test_nobody_of_another_shop_reaches_what_is_of_all_shops(shop: Shop, method: str, url: str) -> None:
    opened(shop)
    boss = boss_of("acme")
    answer = send(method, url, {} if method == "POST" else None, token=boss.token)
    assert (answer.status, answer.code) == (403, "forbidden")
    assert send(method, url).status == 401


def test_every_listed_job_is_found_where_the_table_says() -> None:
    for listed in schedule.listed():
        if not listed.by_hand:
            with pytest.raises(LookupError):
                schedule.load(listed)
            continue
        found = schedule.load(listed)
        assert (found.name, found.schedule, found.description) == (
            listed.name,
            listed.schedule,
            listed.description,
        )


def test_a_job_with_a_page_of_its_own_is_not_run_by_hand(shop: Shop) -> None:
    shop.admin.get(URL)
    with nothing_changes():
        refused = run_now(shop, "migrations")
    assert (refused.status, refused.json["code"]) == (409, "job_unattended")
