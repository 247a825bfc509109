"""Money through the sandbox: it comes once, late, twice, or not at all, and the books stay right."""

import json
from typing import Any

import pytest

from chalicelib.core import clock as clocks
from chalicelib.http import Raw
from chalicelib.payments.providers.sandbox import SIGNATURE_HEADER, Sandbox, signature
from chalicelib.store.meter import metering
from tests.jobs import of_kind, stream, tick
from tests.shop import Answer, Person, Shop, configured, send


def pay(person: Person, order_id: str, **call: Any) -> str:
    """Start a payment and pay it at the sandbox; answers the payment's id."""
    payment_id = attempt(person, order_id)
    answer = send("POST", f"/v1/sandbox/payments/{payment_id}/pay", call)
    assert answer.status == 200, answer.text
    return payment_id


def attempt(person: Person, order_id: str) -> str:
    answer = person.post(f"/v1/orders/{order_id}/payments", {"provider": "sandbox"})
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def webhook(raw: Raw) -> Answer:
    return send("POST", "/v1/webhooks/sandbox", headers=raw.headers, raw=raw.body)


def forged(payment_id: str, **changes: Any) -> Raw:
    """A callback with a good signature whose content was changed, as a provider in error would send it."""
    charge = of_kind("sandbox_charge")[0]
    told = {
        "event_id": "sbe_other",
        "outcome": "paid",
        "tenant": "default",
        "payment_id": payment_id,
        "order_id": charge["order_id"]["S"],
        "customer_id": charge["customer_id"]["S"],
        "merchant": "souk-sandbox",
        "amount": {"amount": int(charge["amount"]["M"]["amount"]["N"]), "currency": "CNY"},
        "provider_ref": "sbx",
        "at": "2036-03-02T01:00:00.000Z",
        **changes,
    }
    body = json.dumps(told).encode()
    return Raw(
        body, {SIGNATURE_HEADER: signature(body, clocks.current().now()), "content-type": "application/json"}
    )


@pytest.mark.ledger("S1-052", "S1-053", "S1-037", "S1-061", "S4-032")
def test_a_paid_order_has_its_stock_deducted(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    order = shop.order(lin, sku, 3)
    payment_id = pay(lin, order["id"])
    assert lin.get(f"/v1/payments/{payment_id}").json["status"] == "succeeded"
    paid = lin.get(f"/v1/orders/{order['id']}").json
    assert (paid["status"], paid["payment_id"]) == ("paid", payment_id)
    assert shop.stock(sku) == {"sku_id": sku, "available": 7, "reserved": 0, "sold": 3}


@pytest.mark.ledger("S1-053")
def test_one_attempt_is_open_per_order_and_provider(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    assert attempt(lin, order["id"]) == attempt(lin, order["id"])
    assert len(of_kind("payment")) == 1


@pytest.mark.rule("B8")
def test_the_same_key_gives_the_same_payment_bytes(shop: Shop) -> None:
    lin = shop.customer()
    url = f"/v1/orders/{shop.order(lin, shop.sku())['id']}/payments"
    first = lin.post(url, {"provider": "sandbox"}, key="pay-once")
    send("POST", f"/v1/sandbox/payments/{first.json['id']}/pay", {})
    again = lin.post(url, {"provider": "sandbox"}, key="pay-once")
    assert (again.status, again.text) == (201, first.text)


@pytest.mark.rule("B6")
@pytest.mark.ledger("S1-062")
def test_a_callback_delivered_many_times_has_one_effect_and_is_always_acknowledged(shop: Shop) -> None:
    sku, lin = shop.sku(stock=10), shop.customer()
    order = shop.order(lin, sku, 2)
    payment_id = attempt(lin, order["id"])
    answer = send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {"times": 20})
    assert answer.json["callbacks"] == 20
    assert shop.stock(sku)["sold"] == 2
    assert len([one for one in of_kind("event") if one["name"]["S"] == "payment.succeeded"]) == 1


@pytest.mark.ledger("S1-062", "S1-057")
@pytest.mark.rule("B7", "B12")
def test_without_a_callback_asking_the_payment_settles_the_order(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    payment_id = pay(lin, order["id"], deliver=False)
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"
    assert lin.get(f"/v1/payments/{payment_id}").json["status"] == "succeeded"
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


def test_a_delayed_callback_comes_with_the_dispatch_job(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    pay(lin, order["id"], delay_seconds=120)
    stream()
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"
    shop.clock.advance(seconds=121)
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


def test_a_failed_attempt_leaves_the_order_open_for_another(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    failed = attempt(lin, order["id"])
    send("POST", f"/v1/sandbox/payments/{failed}/fail", {})
    assert lin.get(f"/v1/payments/{failed}").json["status"] == "failed"
    assert pay(lin, order["id"]) != failed
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


@pytest.mark.rule("B11")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": {"amount": 1, "currency": "CNY"}}, "the amount differs"),
        ({"amount": {"amount": 1999, "currency": "USD"}}, "the currency differs"),
        ({"merchant": "somebody-else"}, "it is for another merchant"),
    ],
)
def test_a_callback_that_differs_in_anything_is_parked_and_pays_nothing(
    shop: Shop, changes: dict[str, Any], why: str
) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku(price=1999))
    answer = webhook(forged(attempt(lin, order["id"]), **changes))
    assert (answer.status, answer.json) == (200, {"received": True})
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"
    assert [row["why"] for row in shop.admin.get("/v1/admin/payments/parked").json["data"]] == [why]


@pytest.mark.rule("B11")
def test_a_callback_for_another_order_is_parked(shop: Shop) -> None:
    lin = shop.customer()
    order, other = shop.order(lin, shop.sku()), shop.order(lin, shop.sku())
    webhook(forged(attempt(lin, order["id"]), order_id=other["id"]))
    assert lin.get(f"/v1/orders/{other['id']}").json["status"] == "pending_payment"
    assert len(of_kind("parked_callback")) == 1


def test_money_for_a_payment_we_never_made_is_parked_once(shop: Shop) -> None:
    lin = shop.customer()
    attempt(lin, shop.order(lin, shop.sku())["id"])
    stray = forged("pay_01KJ0000000000000000000001")
    assert [webhook(stray).status for _ in range(3)] == [200, 200, 200]
    assert len(of_kind("parked_callback")) == 1


@pytest.mark.rule("B12")
@pytest.mark.parametrize(
    "attack", ["no signature", "wrong signature", "other body", "old", "garbage", "future"]
)
def test_an_unsigned_or_replayed_callback_is_refused_and_changes_nothing(shop: Shop, attack: str) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    good = forged(attempt(lin, order["id"]))
    headers, body = dict(good.headers), good.body
    now = clocks.current().now()
    if attack == "no signature":
        del headers[SIGNATURE_HEADER]
    elif attack == "wrong signature":
        headers[SIGNATURE_HEADER] = headers[SIGNATURE_HEADER][:-1] + "0"
        headers[SIGNATURE_HEADER] = headers[SIGNATURE_HEADER].replace("v1=", "v1=f")
    elif attack == "other body":
        body = body.replace(b"1999", b"1998")
    elif attack in ("old", "future"):
        shop.clock.advance(minutes=6 if attack == "old" else -6)
    else:
        headers[SIGNATURE_HEADER] = "t=,v1=,,=,t=99999999999999999999"
    answer = webhook(Raw(body, headers))
    shop.clock.advance(seconds=(now - clocks.current().now()).total_seconds())
    assert (answer.status, answer.code) == (401, "webhook_signature")
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"


def test_a_signed_callback_in_another_form_is_refused_by_name(shop: Shop) -> None:
    for body in (b"{}", b"[1]", b"no json", b'{"event_id": 1, "amount": "x"}'):
        raw = Raw(body, {SIGNATURE_HEADER: signature(body, clocks.current().now())})
        assert (webhook(raw).status, webhook(raw).code) == (400, "webhook_unreadable")


def test_an_unknown_provider_has_no_address(shop: Shop) -> None:
    assert send("POST", "/v1/webhooks/paypal", {}).status == 404
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    answer = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "stripe"})
    assert (answer.status, answer.code) == (409, "provider_not_available")


@pytest.mark.rule("B5")
@pytest.mark.ledger("S1-062")
def test_late_payment_revives_the_order_when_stock_allows(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    late = forged(attempt(lin, order["id"]))
    assert lin.post(f"/v1/orders/{order['id']}/cancel").json["status"] == "cancelled"
    assert shop.stock(sku)["available"] == 5
    assert [webhook(late).status for _ in range(3)] == [200, 200, 200]
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"
    assert shop.stock(sku) == {"sku_id": sku, "available": 3, "reserved": 0, "sold": 2}


@pytest.mark.rule("B5")
def test_late_payment_is_refunded_in_full_when_the_stock_is_gone(shop: Shop) -> None:
    sku, lin, eve = shop.sku(stock=2), shop.customer(), shop.customer()
    order = shop.order(lin, sku, 2)
    payment_id = attempt(lin, order["id"])
    late = forged(payment_id)
    lin.post(f"/v1/orders/{order['id']}/cancel")
    shop.order(eve, sku, 2)
    send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {"deliver": False})
    assert webhook(late).status == 200
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "refunding"
    stream()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "refunded"
    (refund,) = of_kind("refund")
    assert (refund["status"]["S"], refund["amount"]["M"]["amount"]["N"]) == ("succeeded", "3998")
    assert shop.stock(sku) == {"sku_id": sku, "available": 0, "reserved": 2, "sold": 0}


@pytest.mark.rule("B5", "B13")
def test_a_second_payment_of_a_paid_order_is_refunded_by_itself(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku(stock=5))
    first = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox", "method": "page"}).json[
        "id"
    ]
    second = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox", "method": "native"}).json[
        "id"
    ]
    assert first != second
    for payment_id in (first, second, second):
        send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {})
    stream()
    (refund,) = of_kind("refund")
    assert (refund["payment_id"]["S"], refund["status"]["S"]) == (second, "succeeded")
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


@pytest.mark.ledger("S1-048")
@pytest.mark.rule("B3", "B4")
def test_cancelling_gives_the_stock_back_once(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    assert lin.post(f"/v1/orders/{order['id']}/cancel").json["status"] == "cancelled"
    again = lin.post(f"/v1/orders/{order['id']}/cancel")
    assert (again.status, again.code) == (409, "order_state")
    assert shop.stock(sku) == {"sku_id": sku, "available": 5, "reserved": 0, "sold": 0}


@pytest.mark.rule("B4")
def test_money_that_was_faster_than_a_cancel_wins(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    pay(lin, order["id"], deliver=False)
    answer = lin.post(f"/v1/orders/{order['id']}/cancel")
    assert (answer.status, answer.code, answer.json["detail"]) == (409, "order_state", "The order is paid.")
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"
    assert shop.stock(sku)["sold"] == 2


@pytest.mark.ledger("S1-040", "S1-048", "S1-036", "S1-033")
@pytest.mark.rule("B3")
def test_an_unpaid_order_is_cancelled_within_one_tick_of_its_time(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku, 2)
    shop.clock.advance(minutes=29, seconds=59)
    tick()
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"
    shop.clock.advance(seconds=2)
    tick()
    closed = send("GET", f"/v1/skus/{sku}/stock").json
    assert closed == {"sku_id": sku, "available": 5, "reserved": 0, "sold": 0}
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == ("cancelled")


def test_an_overdue_order_takes_no_payment_even_before_the_sweep(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    shop.clock.advance(minutes=31)
    answer = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox"})
    assert (answer.status, answer.code, answer.json["detail"]) == (
        409,
        "order_state",
        "The order is closing.",
    )


@pytest.mark.rule("B4", "B5")
@pytest.mark.ledger("S1-056")
def test_the_timeout_closes_the_provider_first_and_what_was_paid_is_settled(shop: Shop) -> None:
    sku, lin, eve = shop.sku(stock=5), shop.customer(), shop.customer()
    paid, unpaid = shop.order(lin, sku, 1), shop.order(eve, sku, 1)
    pay(lin, paid["id"], deliver=False)
    open_attempt = attempt(eve, unpaid["id"])
    shop.clock.advance(minutes=31)
    tick()
    assert shop.admin.get(f"/v1/admin/orders/{paid['id']}").json["status"] == "paid"
    assert shop.admin.get(f"/v1/admin/orders/{unpaid['id']}").json["status"] == "cancelled"
    late = send("POST", f"/v1/sandbox/payments/{open_attempt}/pay", {})
    assert (late.status, late.code) == (409, "charge_state")
    assert shop.stock(sku) == {"sku_id": sku, "available": 4, "reserved": 0, "sold": 1}


def test_a_dispute_is_recorded_once(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    payment_id = pay(lin, order["id"])
    for _ in range(2):
        assert send("POST", f"/v1/sandbox/payments/{payment_id}/dispute", {}).status == 200
    moves = [move["event"] for move in lin.get(f"/v1/orders/{order['id']}").json["timeline"]]
    assert moves.count("dispute") == 1


def test_closing_an_attempt_leaves_the_order_payable(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    first = attempt(lin, order["id"])
    assert lin.post(f"/v1/payments/{first}/close").json["status"] == "closed"
    assert lin.post(f"/v1/payments/{first}/close").json["status"] == "closed"
    assert pay(lin, order["id"]) != first


def test_a_settling_webhook_is_two_store_calls_and_a_repeat_is_one(shop: Shop) -> None:
    lin = shop.customer()
    payment_id = attempt(lin, shop.order(lin, shop.sku())["id"])
    raw = forged(payment_id)
    with metering() as first:
        webhook(raw)
    with metering() as second:
        webhook(raw)
    assert (first.calls, second.calls) == (2, 1)


def test_the_sandbox_is_absent_where_it_is_switched_off(shop: Shop) -> None:
    lin = shop.customer()
    payment_id = attempt(lin, shop.order(lin, shop.sku())["id"])
    raw = Sandbox().webhook(forged_told(payment_id), clocks.current().now())
    with configured(SOUK_SANDBOX="off"):
        assert send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {}).status == 404
        assert webhook(raw).status == 404


def forged_told(payment_id: str) -> Any:
    return Sandbox().verify(forged(payment_id), clocks.current().now())
