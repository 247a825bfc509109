"""What a provider, a switch or a customer does at the wrong moment: nothing is lost, nothing is left hanging."""

from typing import Any

import pytest

from chalicelib.payments.providers.sandbox import SIGNATURE_HEADER, Sandbox
from tests.jobs import of_kind, tick
from tests.payments.test_paying import attempt, forged, pay, webhook
from tests.shop import Shop, configured, send


@pytest.mark.rule("B5", "B6")
def test_a_dispute_we_hear_of_before_the_payment_settles_it_first(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order = shop.order(lin, sku)
    payment_id = pay(lin, order["id"], deliver=False)
    send("POST", f"/v1/sandbox/payments/{payment_id}/dispute", {"deliver": False})
    shop.clock.advance(minutes=31)
    tick()
    shown = lin.get(f"/v1/orders/{order['id']}").json
    assert shown["status"] == "paid"
    assert [move["event"] for move in shown["timeline"]][-2:] == ["pay", "dispute"]
    assert shop.stock(sku)["sold"] == 1


@pytest.mark.parametrize("header", ["t=\u00b2,v1=x", "t=1,v1=\u00e9", "t=999999999999,v1=x", "t=-1,v1=x"])
def test_an_odd_signature_is_a_refusal_and_no_fault(shop: Shop, header: str) -> None:
    answer = send("POST", "/v1/webhooks/sandbox", {}, headers={SIGNATURE_HEADER: header})
    assert (answer.status, answer.code) == (401, "webhook_signature")


def test_a_webhook_is_the_providers_whatever_else_the_request_says(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    raw = forged(attempt(lin, order["id"]))
    raw.headers.update({"authorization": "Basic abc", "x-tenant": "nope"})
    assert webhook(raw).status == 200
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"


@pytest.mark.rule("B22")
def test_a_provider_switched_off_still_finishes_what_it_began(shop: Shop) -> None:
    sku, lin = shop.sku(stock=5), shop.customer()
    order, other = shop.order(lin, sku), shop.order(lin, sku)
    attempt(lin, order["id"])
    with configured(SOUK_SANDBOX="off"):
        assert (
            lin.post(f"/v1/orders/{other['id']}/payments", {"provider": "sandbox"}).code
            == "provider_not_available"
        )
        assert lin.post(f"/v1/orders/{order['id']}/cancel").json["status"] == "cancelled"
    assert shop.stock(sku)["reserved"] == 1


def test_a_cancel_during_the_providers_answer_leaves_no_open_charge(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    real = Sandbox.create

    def slow(self: Sandbox, *args: Any) -> Any:
        assert lin.post(f"/v1/orders/{order['id']}/cancel").status == 200
        return real(self, *args)

    monkeypatch.setattr(Sandbox, "create", slow)
    answer = lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox"})
    assert (answer.status, answer.code) == (409, "order_state")
    assert [charge["state"]["S"] for charge in of_kind("sandbox_charge")] == ["closed"]


def test_an_order_revived_after_its_customer_removed_it_is_theirs_again(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku(stock=5))
    late = forged(attempt(lin, order["id"]))
    lin.post(f"/v1/orders/{order['id']}/cancel")
    assert lin.delete(f"/v1/orders/{order['id']}").status == 204
    webhook(late)
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"
    assert [row["id"] for row in lin.get("/v1/orders").json["data"]] == [order["id"]]


def test_an_overdue_order_is_closing_in_list_and_detail_alike(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    shop.clock.advance(minutes=31)
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "closing"
    assert [row["status"] for row in lin.get("/v1/orders").json["data"]] == ["closing"]
    assert lin.get("/v1/orders?status=pending_payment").json["data"] == []


def test_a_free_order_paid_twice_needs_no_refund(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku(price=0))
    url = f"/v1/orders/{order['id']}/payments"
    ids = [
        lin.post(url, {"provider": "sandbox", "method": method}).json["id"] for method in ("page", "native")
    ]
    for payment_id in ids:
        assert send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {}).status == 200
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "paid"
    assert of_kind("refund") == []
