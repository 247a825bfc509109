"""One idempotency key is one intention: for one order, with one effect, answered with the same bytes."""

import pytest

from tests.jobs import of_kind
from tests.payments.test_paying import pay
from tests.shop import Shop, send


@pytest.mark.rule("B8")
def test_one_key_means_one_thing_of_one_order(shop: Shop) -> None:
    """The same key and body for another order is another request: refused, and nothing happens to that order."""
    sku, lin = shop.sku(), shop.customer()
    one, two = shop.order(lin, sku), shop.order(lin, sku)
    urls = ["/v1/orders/{}/cancel", "/v1/orders/{}/payments"]
    for number, url in enumerate(reversed(urls)):
        body = {"provider": "sandbox"} if "payments" in url else {}
        assert lin.post(url.format(one["id"]), body, key=f"k{number}").status in (200, 201)
        other = lin.post(url.format(two["id"]), body, key=f"k{number}")
        assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert lin.get(f"/v1/orders/{two['id']}").json["status"] == "pending_payment"
    assert len(of_kind("payment")) == 1


@pytest.mark.rule("B8")
def test_a_repeated_key_opens_no_second_attempt(shop: Shop) -> None:
    lin = shop.customer()
    url = f"/v1/orders/{shop.order(lin, shop.sku())['id']}/payments"
    first = lin.post(url, {"provider": "sandbox"}, key="once")
    send("POST", f"/v1/sandbox/payments/{first.json['id']}/fail", {})
    for _ in range(3):
        assert lin.post(url, {"provider": "sandbox"}, key="once").text == first.text
    assert len(of_kind("payment")) == len(of_kind("sandbox_charge")) == 1


@pytest.mark.rule("B8")
def test_a_key_of_another_request_does_not_begin_to_cancel(shop: Shop) -> None:
    lin = shop.customer()
    order = shop.order(lin, shop.sku())
    lin.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox"}, key="used")
    assert lin.post(f"/v1/orders/{order['id']}/cancel", key="used").code == "idempotency_key_reused"
    assert lin.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"


@pytest.mark.rule("B8")
def test_continuing_an_attempt_gives_its_own_key_the_same_bytes_later(shop: Shop) -> None:
    lin = shop.customer()
    order_id = shop.order(lin, shop.sku())["id"]
    url = f"/v1/orders/{order_id}/payments"
    lin.post(url, {"provider": "sandbox"}, key="first")
    continued = lin.post(url, {"provider": "sandbox"}, key="second")
    pay(lin, order_id)
    again = lin.post(url, {"provider": "sandbox"}, key="second")
    assert (again.status, again.text, again.headers["idempotent-replayed"]) == (201, continued.text, "true")
