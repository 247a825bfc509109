"""Rules that only a race can break, on an engine that is atomic under threads."""

import itertools
from collections.abc import Callable, Mapping
from functools import partial

import pytest

from chalicelib.core import clock
from chalicelib.payments import closing
from chalicelib.store import Ref
from tests.faults import answering
from tests.jobs import of_kind, stream, tick
from tests.payments.test_paying import attempt, forged, webhook
from tests.races.parallel import at_once
from tests.shop import Person, Shop, send

pytestmark = pytest.mark.emulator


def buy(shop: Shop, person: Person, body: Mapping[str, object], key: str | None = None) -> tuple[int, str]:
    answer = person.post("/v1/orders", body, key=key)
    return answer.status, answer.text


def books_are_right(shop: Shop, sku: str, units: int) -> dict[str, int]:
    """on hand = available + reserved, nothing negative, every unit accounted for (B3)."""
    stock = shop.stock(sku)
    assert min(stock["available"], stock["reserved"], stock["sold"]) >= 0
    assert stock["available"] + stock["reserved"] + stock["sold"] == units
    return {name: stock[name] for name in ("available", "reserved", "sold")}


@pytest.mark.rule("B1", "B20")
@pytest.mark.ledger("S1-039", "S1-051")
@pytest.mark.parametrize("kind", ["physical", "card_key"])
def test_64_parallel_buyers_of_20_units_are_20_orders(live_shop: Shop, kind: str) -> None:
    shop = live_shop
    sku = shop.sku(stock=20, kind=kind)
    buyers = [shop.customer() for _ in range(64)]
    bodies = [
        {
            "items": [{"sku_id": sku, "quantity": 1}],
            **({"address_id": shop.address(one)} if kind == "physical" else {}),
        }
        for one in buyers
    ]
    answers = at_once([partial(buy, shop, one, body) for one, body in zip(buyers, bodies, strict=True)])
    statuses = sorted(status for status, _ in answers)
    assert statuses == [201] * 20 + [409] * 44
    assert all('"out_of_stock"' in text for status, text in answers if status == 409)
    assert books_are_right(shop, sku, 20) == {"available": 0, "reserved": 20, "sold": 0}


@pytest.mark.rule("B10")
@pytest.mark.ledger("S4-117")
def test_parallel_buyers_are_never_given_one_card_key_twice(live_shop: Shop) -> None:
    shop = live_shop
    sku = shop.sku(stock=30, kind="card_key")
    buyers = [shop.customer() for _ in range(12)]

    def buy_and_pay(person: Person) -> list[str]:
        order = person.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 2}]})
        assert order.status == 201, order.text
        send("POST", f"/v1/sandbox/payments/{attempt(person, order.json['id'])}/pay", {"times": 2})
        keys: list[str] = person.get(f"/v1/me/deliveries/{order.json['id']}").json["items"][0]["keys"]
        return keys

    delivered = at_once([partial(buy_and_pay, one) for one in buyers])
    every = list(itertools.chain.from_iterable(delivered))
    assert len(every) == len(set(every)) == 24
    assert books_are_right(shop, sku, 30)["sold"] == 24


@pytest.mark.rule("B8")
def test_a_click_repeated_in_parallel_is_one_order_and_the_same_bytes(live_shop: Shop) -> None:
    shop = live_shop
    sku, lin = shop.sku(stock=50), shop.customer()
    body = {"items": [{"sku_id": sku, "quantity": 2}], "address_id": shop.address(lin)}
    answers = at_once([partial(buy, shop, lin, body, "one click")] * 16)
    assert {status for status, _ in answers} == {201}
    assert len({text for _, text in answers}) == 1
    assert books_are_right(shop, sku, 50)["reserved"] == 2
    assert len(of_kind("order")) == 1


@pytest.mark.rule("B23")
def test_parallel_orders_of_one_customer_do_not_pass_the_cap(live_shop: Shop) -> None:
    shop = live_shop
    sku, lin = shop.sku(stock=90), shop.customer()
    body = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(lin)}
    answers = at_once([partial(buy, shop, lin, body) for _ in range(30)])
    assert sorted(status for status, _ in answers) == [201] * 20 + [409] * 10
    assert all('"too_many_open_orders"' in text for status, text in answers if status == 409)
    assert books_are_right(shop, sku, 90)["reserved"] == 20


@pytest.mark.rule("B6", "B7")
@pytest.mark.ledger("S1-062")
def test_a_webhook_50_times_in_parallel_beside_the_return_page_has_one_effect(live_shop: Shop) -> None:
    shop = live_shop
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    payment_id = attempt(lin, order["id"])
    send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {"deliver": False})
    raw = forged(payment_id)
    page = f"/v1/payments/{payment_id}"
    works: list[Callable[[], int]] = [lambda: webhook(raw).status] * 50 + [lambda: lin.get(page).status] * 4
    assert set(at_once(works)) == {200}
    assert books_are_right(shop, sku, 5) == {"available": 3, "reserved": 0, "sold": 2}
    names = [event["name"]["S"] for event in of_kind("event")]
    assert (names.count("payment.succeeded"), names.count("order.paid"), names.count("stock.deducted")) == (
        1,
        1,
        1,
    )
    moves = [move["event"] for move in lin.get(f"/v1/orders/{order['id']}").json["timeline"]]
    assert moves.count("pay") == 1


@pytest.mark.rule("B3", "B4", "B5")
@pytest.mark.ledger("S1-051")
@pytest.mark.parametrize("first", list(itertools.permutations(["pay", "cancel", "timeout"])), ids=">".join)
def test_pay_cancel_and_timeout_in_any_order_and_at_once(live_shop: Shop, first: tuple[str, ...]) -> None:
    """In the given order one after another, then a second order with all three at once: money is never lost."""
    shop = live_shop
    sku, lin = shop.sku(stock=4), shop.customer()
    one, two = shop.order(lin, sku, 2), shop.order(lin, sku, 2)
    acts = {order["id"]: acts_on(shop, lin, order["id"]) for order in (one, two)}
    shop.clock.advance(minutes=30)
    assert lin.token
    for name in first:
        acts[one["id"]][name]()
    at_once([acts[two["id"]][name] for name in first])
    stream()
    tick()
    shop.clock.advance(minutes=2)
    tick()
    for order in (one, two):
        money_and_goods_agree(shop, order["id"])
    books_are_right(shop, sku, 4)


def acts_on(shop: Shop, lin: Person, order_id: str) -> dict[str, Callable[[], object]]:
    payment_id = attempt(lin, order_id)
    ref = Ref(f"default#ORDER#{order_id}", f"CUSTOMER#{lin.id}")

    def pay() -> object:
        return send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {}).status

    def cancel() -> object:
        return lin.post(f"/v1/orders/{order_id}/cancel").status

    def timeout() -> object:
        closing.expire(ref, clock.current().now())
        return None

    return {"pay": pay, "cancel": cancel, "timeout": timeout}


def money_and_goods_agree(shop: Shop, order_id: str) -> None:
    """Paid at the provider ⇔ the order is paid or the money went back; not paid ⇔ it is cancelled."""
    order = shop.admin.get(f"/v1/admin/orders/{order_id}").json
    charges = [one for one in of_kind("sandbox_charge") if one["order_id"]["S"] == order_id]
    collected = [one for one in charges if one["state"]["S"] == "paid" and int(one["refunded"]["N"]) == 0]
    assert (order["status"] in ("paid", "completed")) == (len(collected) == 1), (order["status"], charges)
    assert order["status"] in ("paid", "completed", "cancelled", "refunded")


@pytest.mark.rule("B4", "B5")
def test_a_payment_racing_the_sweep_is_settled_or_refused_by_the_provider(live_shop: Shop) -> None:
    shop = live_shop
    sku, lin = shop.sku(stock=8), shop.customer()
    orders = [shop.order(lin, sku) for _ in range(8)]
    payments = [attempt(lin, order["id"]) for order in orders]
    shop.clock.advance(minutes=31)
    pays = [partial(send, "POST", f"/v1/sandbox/payments/{one}/pay", {}) for one in payments]
    works: list[Callable[[], object]] = [*pays, tick, tick]
    at_once(works)
    stream()
    shop.clock.advance(minutes=2)
    tick()
    for order in orders:
        money_and_goods_agree(shop, order["id"])
    books_are_right(shop, sku, 8)


@pytest.mark.rule("B20")
def test_buyers_meet_conflicts_and_none_is_told_sold_out(live_shop: Shop) -> None:
    shop = live_shop
    sku, lin = shop.sku(stock=20), shop.customer()
    body = {"items": [{"sku_id": sku, "quantity": 1}], "address_id": shop.address(lin)}
    conflict = answering(
        "TransactWriteItems",
        "TransactionCanceledException",
        times=15,
        reasons=["None", "TransactionConflict"],
    )
    with conflict:
        answers = at_once([partial(buy, shop, lin, body) for _ in range(10)])
    assert {status for status, _ in answers} == {201}


@pytest.mark.rule("B3")
@pytest.mark.ledger("S1-036", "S1-037", "S1-038")
def test_deduct_and_release_of_one_reservation_race_and_one_wins(live_shop: Shop) -> None:
    shop = live_shop
    sku = shop.sku(stock=10)
    admin = shop.admin
    for round_ in range(4):
        made = admin.post(
            "/v1/admin/inventory/reservations",
            {"reference": f"erp-{round_}", "lines": [{"sku_id": sku, "quantity": 1}]},
        ).json
        url = f"/v1/admin/inventory/reservations/{made['id']}"
        at_once([partial(admin.post, f"{url}/deduct")] * 4 + [partial(admin.post, f"{url}/release")] * 4)
        assert admin.get(url).json["state"] in ("deducted", "released")
        assert books_are_right(shop, sku, 10)["reserved"] == 0


@pytest.mark.rule("B6")
def test_two_consumers_of_one_stream_tell_the_customer_once(live_shop: Shop) -> None:
    shop = live_shop
    lin = shop.customer()
    send("POST", f"/v1/sandbox/payments/{attempt(lin, shop.order(lin, shop.sku())['id'])}/pay", {})
    works: list[Callable[[], object]] = [stream, stream, tick, stream]
    at_once(works)
    about = [message["about"] for message in lin.get("/v1/me/notifications").json["data"]]
    assert about == ["order.paid"]


@pytest.mark.ledger("S4-117")
def test_parallel_imports_of_the_same_keys_stock_each_once(live_shop: Shop) -> None:
    shop = live_shop
    sku = shop.sku(kind="card_key", stock=0)
    body = {"sku_id": sku, "keys": [f"key-{n}" for n in range(60)]}
    answers = at_once([partial(shop.admin.post, "/v1/admin/card-keys", body)] * 6)
    assert {answer.status for answer in answers} == {201}
    assert sum(answer.json["imported"] for answer in answers) == 60
    assert shop.stock(sku)["available"] == 60


@pytest.mark.rule("B8")
def test_parallel_adjustments_all_count_and_each_answers_the_same_again(live_shop: Shop) -> None:
    shop = live_shop
    sku = shop.sku(stock=10)
    url, body = f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 1, "reason": "found"}
    answers = at_once([partial(shop.admin.post, url, body, key=f"adj-{n}") for n in range(8)])
    assert sorted(answer.json["available"] for answer in answers) == list(range(11, 19))
    assert [shop.admin.post(url, body, key=f"adj-{n}").text for n in range(8)] == [
        one.text for one in answers
    ]
    assert shop.stock(sku)["available"] == 18
