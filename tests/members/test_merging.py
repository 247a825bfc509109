"""Two accounts of one person become one, and nothing of either is lost."""

from typing import Any

import pytest

from chalicelib.identity.accounts import KINDS
from tests.jobs import of_kind, stream
from tests.media.sending import PNG, lies, sent, uploaded, used
from tests.members.people import PASSWORD, USERS, is_signed_in, member_of_staff, user_of
from tests.payments.test_paying import pay
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

WHY = "called us"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


@pytest.fixture
def twin(shop: Shop) -> Person:
    """Lin's other account, with a phone number and a username."""
    body = {"phone": "13900000000", "username": "lin_yi", "password": PASSWORD, "name": "Lin Yi"}
    answer = send("POST", "/v1/auth/register", body, ip="192.0.2.1").json
    return Person(answer["user"], answer["access_token"], answer["refresh_token"])


def merge(shop: Shop, into: Person, gone: Person, **more: Any) -> Answer:
    return shop.admin.post(f"{USERS}/{into.id}/merge", {"from_user_id": gone.id, "reason": WHY}, **more)


def finished(shop: Shop, person: Person) -> str:
    """A card key that was paid for, and so an order that is complete."""
    card = shop.sku(kind="card_key", stock=1)
    order = person.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json
    pay(person, order["id"])
    return str(order["id"])


@pytest.mark.ledger("S4-145")
def test_logins_addresses_tags_and_level_move_and_the_other_account_ends(
    shop: Shop, lin: Person, twin: Person
) -> None:
    home, away = shop.address(lin), shop.address(twin)
    shop.admin.patch(f"{USERS}/{twin.id}", {"tags": ["north"], "level": "vip"})
    answer = merge(shop, lin, twin)
    assert answer.status == 200, answer.text
    assert (answer.json["phone"], answer.json["username"]) == ("13900000000", "lin_yi")
    assert (answer.json["tags"], answer.json["level"]) == (["north"], "vip")
    assert not is_signed_in(twin)
    assert is_signed_in(lin)
    assert shop.sign_in("13900000000", PASSWORD).id == lin.id
    book = lin.get("/v1/me/addresses").json["data"]
    assert [(one["id"], one["is_default"]) for one in book] == [(away, False), (home, True)]
    gone = user_of(twin.id)
    assert (gone.status, gone.merged_into, gone.password_hash) == ("merged", lin.id, None)
    assert [getattr(gone, kind) for kind in KINDS] == [None] * 5
    assert [one["id"] for one in shop.admin.get(f"{USERS}?kind=gone").json["data"]] == [twin.id]


@pytest.mark.ledger("S4-145")
def test_a_login_of_a_kind_that_both_have_is_given_up(shop: Shop, lin: Person) -> None:
    wei = shop.customer("Wei")
    assert merge(shop, lin, wei).json["email"] == lin.user["email"]
    body = {"login": wei.user["email"], "password": PASSWORD}
    assert send("POST", "/v1/auth/login", body, ip="192.0.2.2").status == 401
    again = {"email": wei.user["email"], "password": PASSWORD}
    assert send("POST", "/v1/auth/register", again, ip="192.0.2.2").status == 201


@pytest.mark.ledger("S4-145")
def test_finished_orders_and_their_keys_are_the_survivors(shop: Shop, lin: Person, twin: Person) -> None:
    mine = finished(shop, lin)
    shop.clock.advance(seconds=1)
    theirs = finished(shop, twin)
    keys = twin.get(f"/v1/me/deliveries/{theirs}").json
    merge(shop, lin, twin)
    assert lin.get(f"/v1/orders/{theirs}").status == 404
    stream(times=2)
    assert [one["id"] for one in lin.get("/v1/orders").json["data"]] == [theirs, mine]
    assert lin.get(f"/v1/orders/{theirs}").json["status"] == "completed"
    assert lin.get(f"/v1/me/deliveries/{theirs}").json == keys
    assert [one["id"] for one in shop.admin.get(f"{USERS}/{lin.id}/orders").json["data"]] == [theirs, mine]
    assert lin.delete(f"/v1/orders/{theirs}").status == 204
    assert [one["id"] for one in lin.get("/v1/orders").json["data"]] == [mine]


@pytest.mark.ledger("S4-145")
def test_many_orders_are_handed_over_in_pieces(
    shop: Shop, lin: Person, twin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [finished(shop, twin) for _ in range(3)]
    monkeypatch.setattr("chalicelib.orders.inheriting._AT_ONCE", 1)
    merge(shop, lin, twin)
    for _ in orders:
        stream(times=2)
    assert sorted(one["id"] for one in lin.get("/v1/orders").json["data"]) == sorted(orders)


@pytest.mark.ledger("S4-145")
def test_an_order_that_was_removed_from_the_list_is_the_survivors_and_stays_removed(
    shop: Shop, lin: Person, twin: Person
) -> None:
    order = finished(shop, twin)
    assert twin.delete(f"/v1/orders/{order}").status == 204
    merge(shop, lin, twin)
    stream(times=2)
    (kept,) = of_kind("order")
    assert kept["owner_id"]["S"] == lin.id
    assert "listed_for" not in kept
    assert lin.get("/v1/orders").json["data"] == []
    assert lin.get(f"/v1/orders/{order}").status == 404


@pytest.mark.rule("B17")
def test_another_customer_reads_neither_ones_orders(shop: Shop, lin: Person, twin: Person) -> None:
    theirs, eve = finished(shop, twin), shop.customer("Eve")
    merge(shop, lin, twin)
    stream()
    with nothing_changes():
        assert eve.get(f"/v1/orders/{theirs}").status == 404
        assert eve.delete(f"/v1/orders/{theirs}").status == 404


@pytest.mark.ledger("S4-145")
def test_an_account_with_open_orders_is_not_merged(shop: Shop, lin: Person, twin: Person) -> None:
    order = shop.order(twin, shop.sku())
    assert shop.admin
    with nothing_changes():
        answer = merge(shop, lin, twin)
        assert (answer.status, answer.code, answer.json["orders"]) == (409, "merge_open_orders", 1)
    twin.post(f"/v1/orders/{order['id']}/cancel")
    assert merge(shop, lin, twin).status == 200


def test_files_of_the_account_that_ended_go_and_give_back_their_room(
    shop: Shop, lin: Person, twin: Person
) -> None:
    face, paper, kept = uploaded(twin), uploaded(twin, "kyc_document")["id"], uploaded(lin)["id"]
    assert twin.put("/v1/me/avatar", {"upload_id": face["id"]}).status == 200
    waiting = sent(twin)
    assert merge(shop, lin, twin).status == 200
    stream(times=2)
    assert [lies(one) for one in (face["id"], paper, waiting, kept)] == [set(), set(), set(), {"public"}]
    assert used(shop) == (len(PNG), 0, 1)
    assert shop.admin.get(f"/v1/admin/uploads?owner_id={twin.id}").json["data"] == []
    assert lin.get(f"/v1/uploads/{kept}").json["state"] == "ready"


@pytest.mark.ledger("S4-145")
def test_what_both_have_spent_is_one_sum(shop: Shop, lin: Person, twin: Person) -> None:
    rule = {"level": "vip", "spent": 3 * 1999, "months": 1}
    shop.admin.put("/v1/admin/member-levels", {"rules": [rule]})
    for person in (lin, twin):
        finished(shop, person)
    stream()
    merge(shop, lin, twin)
    finished(shop, lin)
    stream()
    assert user_of(lin.id).level == "vip"


def test_a_merge_is_done_once_and_in_four_calls(shop: Shop, lin: Person, twin: Person) -> None:
    assert shop.admin.get("/v1/me").status == 200
    with store_calls() as calls:
        first = merge(shop, lin, twin, key="m1")
    # the first is the question whether its caller proved their password a moment ago
    assert calls == ["GetItem", "BatchGetItem", "Query", "TransactWriteItems", "Query"]
    again = merge(shop, lin, twin, key="m1")
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    with nothing_changes():
        assert merge(shop, lin, twin, key="m2").code == "account_gone"
        assert merge(shop, twin, lin, key="m3").code == "account_gone"


def test_an_account_is_not_merged_with_itself_with_staff_or_with_nobody(shop: Shop, lin: Person) -> None:
    support = member_of_staff(shop, "support")
    nobody = Person({"id": "usr_00000000000000000000000000"}, "", "")
    assert shop.admin
    with nothing_changes():
        assert merge(shop, lin, lin).json["errors"][0]["code"] == "same_account"
        assert merge(shop, lin, support).code == "merge_with_staff"
        assert merge(shop, lin, shop.admin).code == "own_account"
        assert merge(shop, lin, nobody).status == 404


def test_addresses_that_find_no_room_stay_with_the_old_account(
    shop: Shop, lin: Person, twin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.address(lin)
    left, moved = shop.address(twin), shop.address(twin)
    monkeypatch.setattr("chalicelib.addresses.book.MOST", 2)
    merge(shop, lin, twin)
    assert len(lin.get("/v1/me/addresses").json["data"]) == 2
    kept = shop.admin.get(f"{USERS}/{twin.id}/addresses").json["data"]
    assert [one["id"] for one in kept] == [moved]
    assert left in lin.get("/v1/me/addresses").text


def test_somebody_without_addresses_gets_the_others_default(shop: Shop, lin: Person, twin: Person) -> None:
    shop.address(twin)
    default = shop.address(twin)
    twin.put(f"/v1/me/addresses/{default}/default")
    merge(shop, lin, twin)
    book = lin.get("/v1/me/addresses").json["data"]
    assert [one["id"] for one in book if one["is_default"]] == [default]
