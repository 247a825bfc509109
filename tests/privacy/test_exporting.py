"""Everything the shop holds of a person, for that person."""

import pytest

from chalicelib.privacy import exporting
from chalicelib.privacy.holders import HOLDERS
from tests.identity.people import PASSWORD
from tests.jobs import stream
from tests.payments.test_paying import pay
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def test_a_person_gets_all_that_is_held_of_them(lin: Person, shop: Shop) -> None:
    card = shop.sku(kind="card_key", stock=1)
    paid = lin.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json
    pay(lin, paid["id"])
    stream()
    shop.address(lin)
    lin.put(f"/v1/cart/items/{shop.sku()}", {"quantity": 2})
    answer = lin.get("/v1/me/export")
    assert answer.status == 200
    sections = answer.json["sections"]
    assert set(sections) == set(HOLDERS)
    held = {name: section["data"] for name, section in sections.items()}
    assert held["profile"][0]["name"] == "Lin"
    assert held["logins"] == [{"kind": "email", "login": lin.user["email"]}]
    assert held["addresses"][0]["recipient"] == "Lin"
    assert held["cart"][0]["quantity"] == 2
    assert held["orders"][0]["number"] == paid["number"]
    assert held["payments"][0]["order_id"] == held["deliveries"][0]["order_id"] == paid["id"]
    assert held["messages"][0]["about"] == "order.paid"
    assert held["sign_ins"][0]["outcome"] == "signed_in"
    assert held["sessions"][0]["way"] == "register"
    for secret in (PASSWORD, "argon2", lin.refresh_token, "KEY-"):
        assert secret not in answer.text


@pytest.mark.rule("B17")
def test_nobody_gets_anothers(lin: Person, shop: Shop) -> None:
    shop.order(lin, shop.sku())
    eve = shop.customer("Eve").get("/v1/me/export")
    assert lin.user["email"] not in eve.text
    assert eve.json["sections"]["orders"]["data"] == []


def test_a_long_section_goes_on_by_its_cursor(
    lin: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    sku = shop.sku(stock=9)
    for _ in range(3):
        shop.order(lin, sku)
    first = lin.get("/v1/me/export").json["sections"]["orders"]
    rest = lin.get(f"/v1/me/export?section=orders&cursor={first['next_cursor']}").json["sections"]
    assert list(rest) == ["orders"]
    assert len({one["id"] for one in first["data"] + rest["orders"]["data"]}) == 3
    assert rest["orders"]["next_cursor"] is None


@pytest.mark.parametrize("query", ["section=secrets", "cursor=abc", "section=", "all=yes"])
def test_a_section_that_is_none_is_refused(lin: Person, query: str) -> None:
    assert lin.get(f"/v1/me/export?{query}").status == 422


def test_a_cursor_of_one_section_is_none_of_another(
    lin: Person, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PAGE", 1)
    shop.address(lin)
    shop.address(lin)
    cursor = lin.get("/v1/me/export").json["sections"]["addresses"]["next_cursor"]
    assert lin.get(f"/v1/me/export?section=orders&cursor={cursor}").code == "cursor_invalid"


def test_an_export_is_a_bounded_number_of_reads_and_thirty_an_hour(lin: Person) -> None:
    lin.get("/v1/me")
    with nothing_changes(), store_calls() as calls:
        assert lin.get("/v1/me/export").status == 200
    assert len(calls) <= 2 * len(HOLDERS)
    statuses = [lin.get("/v1/me/export?section=profile").status for _ in range(30)]
    assert statuses == [200] * 29 + [429]
