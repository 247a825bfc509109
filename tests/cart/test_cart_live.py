"""Several devices on one cart at once."""

from functools import partial

import pytest

from tests.cart.test_cart import put, seen
from tests.cart.test_guests import guest, merge
from tests.races.parallel import at_once
from tests.shop import Shop

pytestmark = pytest.mark.emulator


@pytest.mark.ledger("S1-029")
def test_lines_put_in_from_many_devices_at_once_are_all_there(live_shop: Shop) -> None:
    lin, skus = live_shop.customer(), [live_shop.sku() for _ in range(12)]
    answers = at_once([partial(put, lin, sku, place + 1) for place, sku in enumerate(skus)])
    assert {answer.status for answer in answers} == {200}
    assert dict(line[:2] for line in seen(lin.get("/v1/cart"))) == {sku: n + 1 for n, sku in enumerate(skus)}


@pytest.mark.ledger("S1-029")
def test_a_guest_cart_merged_many_times_at_once_is_added_once(live_shop: Shop) -> None:
    lin, sku = live_shop.customer(), live_shop.sku(stock=100)
    put(lin, sku, 2)
    guest("PUT", f"/items/{sku}", {"quantity": 3})
    answers = at_once([partial(merge, lin) for _ in range(8)])
    assert {answer.status for answer in answers} == {200}
    assert seen(lin.get("/v1/cart")) == [(sku, 5, True)]
    assert seen(guest("GET")) == []


def test_lines_merged_many_times_at_once_under_one_key_are_added_once(live_shop: Shop) -> None:
    lin, sku = live_shop.customer(), live_shop.sku(stock=100)
    answers = at_once([partial(merge, lin, (sku, 4), key="once") for _ in range(8)])
    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert seen(lin.get("/v1/cart")) == [(sku, 4, True)]


def test_an_order_and_a_change_at_once_lose_neither(live_shop: Shop) -> None:
    lin, cup, bowl = live_shop.customer(), live_shop.sku(), live_shop.sku()
    put(lin, cup)
    body = {"address_id": live_shop.address(lin)}
    order, change = at_once(
        [partial(lin.post, "/v1/orders", body), partial(put, lin, bowl, 1, selected=False)]
    )
    assert (order.status, change.status) == (201, 200)
    assert seen(lin.get("/v1/cart")) == [(bowl, 1, False)]
