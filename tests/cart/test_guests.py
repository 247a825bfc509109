"""Carts of those who have not signed in, and what becomes of them when they do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.cart.entities import MOST_UNITS, Cart, CartLine
from chalicelib.cart.merging import add_up
from chalicelib.cart.viewing import Offer
from chalicelib.catalog.entities import Product, Sku
from chalicelib.core.clock import from_text
from chalicelib.core.context import system
from chalicelib.core.money import Money
from tests.cart.test_cart import amounts, put, seen
from tests.jobs import of_kind
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes

PHONE, TABLET = "gst_01KJ0000000000000000000000", "gst_01KJ1111111111111111111111"


def guest(method: str, path: str = "", body: Any = None, cart: str = PHONE) -> Answer:
    return send(method, f"/v1/cart{path}", body, headers={"x-guest-cart": cart} if cart else {})


def merge(person: Person, *pairs: tuple[str, int], cart: str = PHONE, key: str | None = None) -> Answer:
    items = [{"sku_id": sku, "quantity": quantity} for sku, quantity in pairs]
    return person.post("/v1/cart/merge", {"items": items}, headers={"x-guest-cart": cart}, key=key)


@pytest.mark.ledger("S1-028", "S4-065")
def test_a_guest_has_a_cart_by_the_id_of_their_device(shop: Shop) -> None:
    sku = shop.sku(price=100)
    answer = guest("PUT", f"/items/{sku}", {"quantity": 2})
    assert (seen(answer), amounts(answer)["payable"], answer.json["guest_id"]) == (
        [(sku, 2, True)],
        200,
        PHONE,
    )
    assert seen(guest("GET")) == [(sku, 2, True)]
    assert seen(guest("POST", "/select", {"sku_ids": [sku], "selected": False})) == [(sku, 2, False)]
    assert seen(guest("GET", cart=TABLET)) == []
    assert seen(guest("DELETE", f"/items/{sku}")) == []


@pytest.mark.ledger("S1-028")
def test_a_visitor_without_an_id_is_given_one_with_the_first_line(shop: Shop) -> None:
    sku = shop.sku()
    empty = guest("GET", cart="")
    assert (seen(empty), empty.json["guest_id"], of_kind("cart")) == ([], None, [])
    given_one = guest("PUT", f"/items/{sku}", {"quantity": 1}, cart="").json["guest_id"]
    assert seen(guest("GET", cart=given_one)) == [(sku, 1, True)]
    assert guest("GET", cart=given_one).json["guest_id"] == given_one


@pytest.mark.parametrize("forged", ["usr_01KJ0000000000000000000000", "gst_#", "gst_1", "x" * 500])
def test_an_id_that_is_no_guests_reaches_nobodys_cart(shop: Shop, forged: str) -> None:
    sku, lin = shop.sku(), shop.customer()
    put(lin, sku, 2)
    for cart in (forged, lin.id):
        assert seen(guest("GET", cart=cart)) == []
        assert seen(guest("DELETE", cart=cart)) == []
    assert seen(lin.get("/v1/cart")) == [(sku, 2, True)]


@pytest.mark.ledger("S1-028")
def test_a_guest_cart_counts_for_thirty_days_after_its_last_change(shop: Shop) -> None:
    cup, bowl = shop.sku(), shop.sku()
    guest("PUT", f"/items/{cup}", {"quantity": 1})
    shop.clock.advance(days=29)
    guest("PUT", f"/items/{bowl}", {"quantity": 1})
    shop.clock.advance(days=29)
    assert len(seen(guest("GET"))) == 2
    shop.clock.advance(days=1)
    assert seen(guest("GET")) == []
    assert seen(guest("PUT", f"/items/{cup}", {"quantity": 3})) == [(cup, 3, True)]
    assert "ttl" in of_kind("cart")[0]


def test_a_customers_cart_does_not_expire(shop: Shop) -> None:
    put(shop.customer(), shop.sku())
    assert "ttl" not in of_kind("cart")[0]


def test_a_token_that_comes_with_a_cart_is_checked_whole(shop: Shop) -> None:
    sku, lin = shop.sku(), shop.customer()
    put(lin, sku)
    assert lin.post("/v1/auth/logout", {"refresh_token": lin.refresh_token}).status == 204
    for method, path, body in (
        ("GET", "", None),
        ("PUT", f"/items/{sku}", {"quantity": 9}),
        ("DELETE", "", None),
    ):
        assert send(method, f"/v1/cart{path}", body, token=lin.token).status == 401
    assert send("GET", "/v1/cart", token="nonsense").status == 401


@pytest.mark.ledger("S1-029", "S4-066")
def test_signing_in_adds_the_guests_cart_to_ones_own_once(shop: Shop) -> None:
    cup, bowl, lin = shop.sku(stock=100), shop.sku(), shop.customer()
    put(lin, cup, 2)
    guest("PUT", f"/items/{cup}", {"quantity": 3})
    guest("PUT", f"/items/{bowl}", {"quantity": 1})
    for _ in range(3):
        answer = merge(lin)
        assert sorted(seen(answer)) == sorted([(cup, 5, True), (bowl, 1, True)])
        assert (answer.json["problems"], answer.json["guest_id"]) == ([], None)
    assert seen(guest("GET")) == []


@pytest.mark.ledger("S1-029")
def test_what_is_more_than_there_is_is_told_and_the_rest_is_taken(shop: Shop) -> None:
    few, none, many, lin = shop.sku(stock=5), shop.sku(stock=0), shop.sku(stock=2000), shop.customer()
    gone = shop.product()
    shop.admin.post(f"/v1/admin/products/{gone['id']}/unpublish")
    lost = gone["skus"][0]["id"]
    put(lin, few, 2), put(lin, many, 500)
    answer = merge(lin, (few, 9), (none, 1), (many, 600), (lost, 1))
    assert seen(answer) == [(few, 5, True), (many, 999, True)]
    told = {one["sku_id"]: (one["code"], one["requested"], one["taken"]) for one in answer.json["problems"]}
    assert told == {
        few: ("insufficient_stock", 9, 3),
        none: ("out_of_stock", 1, 0),
        many: ("too_many_units", 600, 499),
        lost: ("off_shelf", 1, 0),
    }


@pytest.mark.ledger("S1-029")
def test_a_merge_never_takes_away_what_was_there(shop: Shop) -> None:
    sku, lin = shop.sku(stock=3), shop.customer()
    put(lin, sku, 7, selected=False)
    answer = merge(lin, (sku, 1))
    assert seen(answer) == [(sku, 7, False)]
    assert answer.json["problems"][0]["taken"] == 0


def test_a_merge_into_a_full_cart_leaves_the_new_lines_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.cart.merging.MOST_LINES", 1)
    lin, (one, two) = shop.customer(), (shop.sku(), shop.sku())
    put(lin, one)
    answer = merge(lin, (two, 1), (one, 1))
    assert seen(answer) == [(one, 2, True)]
    assert [(problem["sku_id"], problem["code"]) for problem in answer.json["problems"]] == [
        (two, "cart_full")
    ]


def test_given_lines_merged_again_with_the_same_key_count_once(shop: Shop) -> None:
    sku, lin = shop.sku(stock=100), shop.customer()
    answers = [merge(lin, (sku, 2), (sku, 1), key="once") for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert seen(lin.get("/v1/cart")) == [(sku, 3, True)]


def test_merging_needs_somebody_to_merge_into(shop: Shop) -> None:
    guest("PUT", f"/items/{shop.sku()}", {"quantity": 1})
    with nothing_changes():
        assert guest("POST", "/merge", {}).status == 401


class _Shelf:
    """Offers from memory."""

    def __init__(self, available: dict[str, int]) -> None:
        self._available = available

    def of(self, sku_id: str) -> Any:
        if sku_id not in self._available:
            return None
        ware = Product(
            tenant="t",
            product_id="prd",
            title="Ware",
            goods="physical",
            created_at=AT,
            updated_at=AT,
            listed_at=AT,
        )
        return Offer(ware, Sku(id=sku_id, price=Money(amount=1, currency="CNY")), self._available[sku_id])


SKUS = st.sampled_from("abcde")
AT = from_text("2036-03-02T01:00:00.000Z")


def line(sku_id: str, quantity: int) -> CartLine:
    price = Money(amount=1, currency="CNY")
    return CartLine(sku_id=sku_id, quantity=quantity, title="Ware", price=price, added_at=AT)


@pytest.mark.ledger("S1-029")
@given(
    has=st.dictionaries(SKUS, st.integers(1, MOST_UNITS)),
    wanted=st.dictionaries(SKUS, st.integers(1, 3 * MOST_UNITS)),
    available=st.dictionaries(SKUS, st.integers(0, 2 * MOST_UNITS)),
)
def test_every_requested_unit_is_taken_or_told(
    has: dict[str, int], wanted: dict[str, int], available: dict[str, int]
) -> None:
    cart = Cart(tenant="t", owner_id="usr", lines=[line(sku_id, units) for sku_id, units in has.items()])
    problems = add_up(cart, wanted, _Shelf(available), system("t"))  # type: ignore[arg-type]
    after = {one.sku_id: one.quantity for one in cart.lines}
    missing = {one.sku_id: one.requested - one.taken for one in problems}
    for sku_id in {*has, *wanted}:
        before, asked, now = has.get(sku_id, 0), wanted.get(sku_id, 0), after.get(sku_id, 0)
        assert now == before + asked - missing.get(sku_id, 0)
        assert before <= now <= max(before, min(available.get(sku_id, 0), MOST_UNITS))
    assert all(units > 0 for units in missing.values())
