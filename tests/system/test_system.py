"""The system's page: one look tells whether somebody has to act, and what about."""

from typing import Any

import pytest

from chalicelib.core.breakers import FAILURES, REST
from chalicelib.events import subscriptions
from chalicelib.store import Consumer
from chalicelib.store.outbox import BACK_OFF
from chalicelib.system import standing
from tests.identity.people import by_wechat, wechat_here
from tests.jobs import stream, tick
from tests.lines import logged
from tests.payments.test_paying import pay
from tests.shop import Shop, send
from tests.unchanged import store_calls


def page(shop: Shop) -> dict[str, Any]:
    answer = shop.admin.get("/v1/admin/system")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


class Unwell:
    """A consumer of `order.paid` that fails until it is healed."""

    def __init__(self) -> None:
        self.fails = True

    def __call__(self, *_: Any) -> None:
        if self.fails:
            raise RuntimeError("the mail server is away")


@pytest.fixture
def unwell(monkeypatch: pytest.MonkeyPatch) -> Unwell:
    consumer = Unwell()
    subscribed = {**subscriptions.SUBSCRIPTIONS, "order.paid": (Consumer("unwell", consumer),)}
    monkeypatch.setattr(subscriptions, "SUBSCRIPTIONS", subscribed)
    return consumer


def paid(shop: Shop) -> None:
    lin = shop.customer()
    pay(lin, shop.order(lin, shop.sku())["id"])


def until_it_is_parked(shop: Shop) -> None:
    stream()
    for pause in BACK_OFF:
        shop.clock.advance(seconds=pause.total_seconds())
        tick()


def test_a_healthy_shop_has_nothing_to_tell(shop: Shop) -> None:
    tick()
    seen = page(shop)
    assert (seen["status"], seen["problems"], seen["stage"]) == ("ok", [], "test")
    assert seen["events"]["dead_letters"] == seen["events"]["outbox_backlog"] == 0
    late = {one["timer"]: one["lateness_seconds"] for one in seen["timers"]}
    assert late == dict.fromkeys(
        [
            "audit_link",
            "auto_confirm",
            "dead_letter",
            "kyc_expiry",
            "kyc_waiting",
            "order_stuck",
            "order_timeout",
            "outbox",
            "stock_release",
            "upload_cleanup",
        ],
        0,
    )
    assert seen["table"]["answered_in_ms"] >= 0


def test_the_page_costs_one_query_and_eight_counts(shop: Shop) -> None:
    page(shop)
    with store_calls() as calls:
        page(shop)
    assert calls == ["Query"] * 9


@pytest.mark.ledger("S2-057")
def test_faults_are_seen_by_themselves_and_end_by_themselves(shop: Shop, unwell: Unwell) -> None:
    """A provider away, a consumer failing, a job standing still: each is told, and gone once its cause is."""
    tick()
    with wechat_here() as wechat:
        wechat.down = True
        for _ in range(FAILURES):
            by_wechat("code-lin")
        paid(shop)
        stream()
        shop.clock.advance(seconds=20)
        assert page(shop)["problems"] == ["provider_resting:wechat"]
        shop.clock.advance(minutes=14)
        seen = page(shop)
        assert {one for one in seen["problems"] if one.startswith("job_overdue:")} == {
            "job_overdue:alert_dispatch",
            "job_overdue:migrations",
            "job_overdue:order_timeout",
            "job_overdue:stock_release",
        }
        assert seen["events"]["outbox_backlog"] > 0
        assert seen["breakers"][0]["state"] == "half_open"

        wechat.down, unwell.fails = False, False
        assert by_wechat("code-lin").status == 200
        for _ in range(2):
            tick()
            shop.clock.advance(minutes=1)
    seen = page(shop)
    assert (seen["status"], seen["problems"]) == ("ok", [])
    assert (seen["breakers"][0]["state"], seen["events"]["outbox_backlog"]) == ("closed", 0)


def test_a_provider_rests_on_the_page_until_its_rest_is_over(shop: Shop) -> None:
    with wechat_here() as wechat:
        wechat.down = True
        for _ in range(FAILURES):
            by_wechat("code-lin")
    (seen,) = page(shop)["breakers"]
    assert (seen["provider"], seen["state"], seen["failures"]) == ("wechat", "open", FAILURES)
    assert seen["reason"] == "Unanswered"
    shop.clock.advance(seconds=REST.total_seconds())
    assert page(shop)["breakers"][0]["state"] == "half_open"
    assert "provider_resting:wechat" not in page(shop)["problems"]


def test_dead_letters_are_counted_told_again_each_day_and_gone_when_resent(
    shop: Shop, unwell: Unwell
) -> None:
    paid(shop)
    until_it_is_parked(shop)
    seen = page(shop)
    assert (seen["events"]["dead_letters"], seen["status"]) == (1, "degraded")
    assert "dead_letters" in seen["problems"]
    shop.clock.advance(days=1)
    with logged() as lines:
        tick()
        tick()
    assert len(lines.metrics("dead_letters")) == 1
    (dead,) = shop.admin.get("/v1/admin/events/dead-letters").json["data"]
    unwell.fails = False
    assert shop.admin.post(f"/v1/admin/events/dead-letters/{dead['id']}/resend").status == 200
    assert page(shop)["events"] == {"outbox_backlog": 1, "dead_letters": 0, "at_least": 1000}
    tick()
    assert page(shop)["events"]["outbox_backlog"] == 0


def test_a_timer_that_is_not_kept_up_with_is_a_problem_until_the_next_run(shop: Shop) -> None:
    shop.order(shop.customer(), shop.sku())
    shop.clock.advance(minutes=36)
    tick()
    assert "timer_late:order_timeout" in page(shop)["problems"]
    shop.clock.advance(minutes=1)
    tick()
    assert "timer_late:order_timeout" not in page(shop)["problems"]


def test_each_sweep_tells_how_late_it_found_its_oldest_item(shop: Shop) -> None:
    shop.order(shop.customer(), shop.sku())
    shop.clock.advance(minutes=37)
    with logged() as lines:
        tick()
        tick()
    late = [
        (line["timer"], line["timer_lateness_seconds"]) for line in lines.metrics("timer_lateness_seconds")
    ]
    assert ("order_timeout", 420) in late
    assert late[-1][1] == 0
    assert {timer for timer, _ in late} >= {"order_timeout", "outbox", "stock_release", "dead_letter"}


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [("rate(1 minute)", 1), ("rate(5 minutes)", 5), ("rate(2 hours)", 120), ("cron(0 19 * * ? *)", 24 * 60)],
)
def test_how_far_apart_two_runs_are(schedule: str, minutes: int) -> None:
    assert standing.interval(schedule).total_seconds() == minutes * 60


def test_a_table_that_went_away_and_came_back_is_seen_at_the_ready_check(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.store.reachability.table_name", lambda: "no-such-table")
        assert send("GET", "/v1/health/ready").status == 503
    assert send("GET", "/v1/health/ready").status == 200
