"""Favourites and footprints: marked by the customer, shown as the products are now."""

from datetime import timedelta

import pytest

from chalicelib.favorites import marks
from chalicelib.store import client
from tests.jobs import of_kind, stream
from tests.members.people import USERS, member_of_staff
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

FAVORITES, FOOTPRINTS = "/v1/me/favorites", "/v1/me/footprints"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def product(shop: Shop, title: str = "A cup") -> str:
    return str(shop.product(title=title)["id"])


def mark(shop: Shop, person: Person, product_id: str, where: str = FAVORITES) -> Answer:
    """A second apart, so that there is an order."""
    shop.clock.advance(seconds=1)
    return person.put(f"{where}/{product_id}")


def ids(person: Person, url: str = FAVORITES) -> list[str]:
    answer = person.get(url)
    assert answer.status == 200, answer.text
    return [row["product_id"] for row in answer.json["data"]]


def test_favorites_are_listed_newest_first_with_the_product_as_it_is(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop, "A bowl")
    assert mark(shop, lin, cup).status == 204
    assert mark(shop, lin, bowl).status == 204
    with store_calls() as calls:
        rows = lin.get(FAVORITES).json["data"]
    assert calls == ["GetItem", "BatchGetItem"]
    assert [(row["title"], row["state"], row["price"]["amount"]) for row in rows] == [
        ("A bowl", "on_sale", 1999),
        ("A cup", "on_sale", 1999),
    ]
    assert rows[0]["since"] > rows[1]["since"]


def test_marking_again_changes_nothing(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop)
    mark(shop, lin, cup)
    mark(shop, lin, bowl)
    with nothing_changes():
        assert mark(shop, lin, cup).status == 204
    assert ids(lin) == [bowl, cup]


def test_a_product_off_sale_or_gone_is_shown_as_what_it_is(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop, "A bowl")
    mark(shop, lin, cup)
    mark(shop, lin, bowl)
    assert shop.admin.delete(f"/v1/admin/products/{bowl}").status == 204
    (item,) = [one for one in of_kind("product") if one["product_id"]["S"] == cup]
    client.client().delete_item(
        TableName=client.table_name(), Key={name: item[name] for name in ("pk", "sk")}
    )
    rows = lin.get(FAVORITES).json["data"]
    assert [(row["state"], row["title"], row["price"]) for row in rows] == [
        ("off_sale", "A bowl", None),
        ("gone", None, None),
    ]
    assert lin.delete(f"{FAVORITES}/{cup}").status == 204
    assert mark(shop, lin, bowl).status == 204, "it is one already"


def test_only_what_is_for_sale_can_be_marked_or_looked_at(shop: Shop, lin: Person) -> None:
    archived = product(shop)
    shop.admin.delete(f"/v1/admin/products/{archived}")
    with nothing_changes():
        for where in (FAVORITES, FOOTPRINTS):
            assert lin.put(f"{where}/{archived}").status == 404
            assert lin.put(f"{where}/prd_00000000000000000000000000").status == 404
            assert lin.put(f"{where}/cup").status == 404
            assert send("PUT", f"{where}/{archived}", {}).status == 401


def test_what_is_no_favourite_cannot_be_taken_off(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop)
    assert lin.delete(f"{FAVORITES}/{cup}").status == 404
    mark(shop, lin, cup)
    assert lin.delete(f"{FAVORITES}/{bowl}").status == 404
    assert lin.delete(f"{FAVORITES}/{cup}").status == 204
    assert ids(lin) == []


def test_favorites_have_a_cap_that_is_told(shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.favorites.marks.MOST_FAVORITES", 2)
    cup, bowl, vase = (product(shop) for _ in range(3))
    mark(shop, lin, cup)
    mark(shop, lin, bowl)
    with nothing_changes():
        full = mark(shop, lin, vase)
        assert (full.status, full.code, full.json["most"]) == (409, "too_many_favorites", 2)
    lin.delete(f"{FAVORITES}/{cup}")
    assert mark(shop, lin, vase).status == 204


@pytest.mark.parametrize("where", [FAVORITES, FOOTPRINTS])
def test_a_page_goes_on_where_the_one_before_ended(shop: Shop, lin: Person, where: str) -> None:
    marked = [product(shop) for _ in range(3)]
    for one in marked:
        mark(shop, lin, one, where)
    first = lin.get(f"{where}?limit=2").json
    lin.delete(f"{FAVORITES}/{marked[1]}")  # the one the cursor names
    rest = lin.get(f"{where}?limit=2&cursor={first['next_cursor']}").json
    assert [row["product_id"] for row in first["data"] + rest["data"]] == marked[::-1]
    assert rest["next_cursor"] is None
    wei = shop.customer("Wei")
    assert wei.get(f"{where}?cursor={first['next_cursor']}").code == "cursor_invalid"


def test_two_devices_at_once_lose_no_favourite(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    cup, bowl = product(shop), product(shop)
    raced: list[bool] = []
    favored = marks.favored

    def late(*args: object) -> marks.Marks:
        if not raced:
            raced.append(True)
            assert mark(shop, lin, bowl).status == 204
        return favored(*args)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(marks, "favored", late)
    assert mark(shop, lin, cup).status == 204
    assert sorted(ids(lin)) == sorted([cup, bowl])


def test_footprints_are_one_for_each_product_the_latest_first(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop, "A bowl")
    for one in (cup, bowl, cup):
        assert mark(shop, lin, one, FOOTPRINTS).status == 204
    rows = lin.get(FOOTPRINTS).json["data"]
    assert [(row["title"], row["state"]) for row in rows] == [("A cup", "on_sale"), ("A bowl", "on_sale")]
    assert lin.delete(FOOTPRINTS).status == 204
    assert lin.delete(FOOTPRINTS).status == 204
    assert ids(lin, FOOTPRINTS) == []


def test_the_oldest_footprint_makes_room(shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.favorites.marks.MOST_FOOTPRINTS", 2)
    cup, bowl, vase = (product(shop) for _ in range(3))
    for one in (cup, bowl, vase):
        mark(shop, lin, one, FOOTPRINTS)
    assert ids(lin, FOOTPRINTS) == [vase, bowl]


def test_footprints_fade_after_ninety_days(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop)
    mark(shop, lin, cup, FOOTPRINTS)
    shop.clock.advance(days=29)
    mark(shop, lin, bowl, FOOTPRINTS)
    last = shop.clock.now()
    (item,) = of_kind("footprints")
    assert int(item["ttl"]["N"]) == int((last + timedelta(days=90)).timestamp())
    shop.clock.advance(days=62)
    lin = shop.sign_in(str(lin.user["email"]), "correct horse battery")
    assert ids(lin, FOOTPRINTS) == [bowl]
    shop.clock.advance(days=29)
    lin = shop.sign_in(str(lin.user["email"]), "correct horse battery")
    assert ids(lin, FOOTPRINTS) == []


@pytest.mark.ledger("S4-142")
def test_staff_see_a_members_favorites_and_footprints(shop: Shop, lin: Person) -> None:
    cup, bowl = product(shop), product(shop)
    mark(shop, lin, cup)
    mark(shop, lin, bowl, FOOTPRINTS)
    support = member_of_staff(shop, "support")
    assert ids(support, f"{USERS}/{lin.id}/favorites") == [cup]
    assert ids(support, f"{USERS}/{lin.id}/footprints") == [bowl]
    warehouse = member_of_staff(shop, "warehouse")
    for what in ("favorites", "footprints"):
        assert support.get(f"{USERS}/usr_00000000000000000000000000/{what}").status == 404
        assert warehouse.get(f"{USERS}/{lin.id}/{what}").status == 403
        assert lin.get(f"{USERS}/{lin.id}/{what}").status == 403


def test_a_summary_and_a_members_page_count_the_favorites(shop: Shop, lin: Person) -> None:
    mark(shop, lin, product(shop))
    assert lin.get("/v1/me/summary").json["favorites"] == 1
    assert shop.admin.get(f"{USERS}/{lin.id}").json["favorites"] == 1


def merge(shop: Shop, into: Person, gone: Person) -> None:
    body = {"from_user_id": gone.id, "reason": "called us"}
    answer = shop.admin.post(f"{USERS}/{into.id}/merge", body)
    assert answer.status == 200, answer.text


def test_a_merge_brings_both_together_as_far_as_there_is_room(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.favorites.marks.MOST_FAVORITES", 2)
    twin = shop.customer("Twin")
    cup, bowl, vase = (product(shop) for _ in range(3))
    for person, one in ((lin, cup), (twin, cup), (twin, vase)):
        mark(shop, person, one)
    monkeypatch.setattr("chalicelib.favorites.marks.MOST_FAVORITES", 3)
    mark(shop, twin, bowl)
    monkeypatch.setattr("chalicelib.favorites.marks.MOST_FAVORITES", 2)
    for person, one in ((twin, cup), (lin, bowl), (twin, bowl)):
        mark(shop, person, one, FOOTPRINTS)
    merge(shop, lin, twin)
    assert ids(lin) == [bowl, cup]
    assert ids(shop.admin, f"{USERS}/{twin.id}/favorites") == [vase], "what finds no room stays"
    assert ids(lin, FOOTPRINTS) == [bowl, cup]
    assert ids(shop.admin, f"{USERS}/{twin.id}/footprints") == []


def test_somebody_without_any_gets_the_others(shop: Shop, lin: Person) -> None:
    twin, cup = shop.customer("Twin"), product(shop)
    mark(shop, twin, cup)
    mark(shop, twin, cup, FOOTPRINTS)
    merge(shop, lin, twin)
    assert ids(lin) == ids(lin, FOOTPRINTS) == [cup]


def test_nothing_is_left_of_who_leaves(shop: Shop, lin: Person) -> None:
    cup = product(shop)
    for where in (FAVORITES, FOOTPRINTS):
        mark(shop, lin, cup, where)
    body = {"password": "correct horse battery"}
    assert send("DELETE", "/v1/me", body, token=lin.access_token).status == 204
    stream(times=2)
    assert of_kind("favorites") == of_kind("footprints") == []


def test_a_person_gets_them_with_what_is_held_of_them(shop: Shop, lin: Person) -> None:
    cup = product(shop)
    for where in (FAVORITES, FOOTPRINTS):
        mark(shop, lin, cup, where)
    sections = lin.get("/v1/me/export").json["sections"]
    assert sections["favorites"]["data"][0]["product_id"] == cup
    assert sections["footprints"]["data"][0]["title"] == "A cup"
