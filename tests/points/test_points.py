"""Points: given and taken by staff with a reason, and always the sum of their entries."""

from typing import Any

import pytest

from chalicelib.core.context import Context, system
from chalicelib.core.errors import NotFound
from chalicelib.members import belongings
from chalicelib.points import service
from chalicelib.points.service import CauseKnown
from chalicelib.store import transaction
from tests.jobs import of_kind, stream
from tests.members.people import USERS, adviser, member_of_staff
from tests.shop import Answer, Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

NOTHING = {"balance": 0, "earned": 0, "spent": 0}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def adjust(by: Person, user_id: str, delta: Any, reason: Any = "a broken cup", **more: Any) -> Answer:
    body = {"delta": delta, "reason": reason}
    return by.post(f"{USERS}/{user_id}/points-adjustments", body, **more)


def points(person: Person) -> dict[str, int]:
    answer = person.get("/v1/me/points")
    assert answer.status == 200, answer.text
    return dict(answer.json)


@pytest.mark.ledger("S4-139")
def test_staff_give_points_and_take_them_with_a_reason(shop: Shop, lin: Person) -> None:
    assert points(lin) == NOTHING
    given = adjust(shop.admin, lin.id, 300)
    assert given.status == 201, given.text
    assert (given.json["delta"], given.json["balance"], given.json["about"]) == (300, 300, "adjustment")
    shop.clock.advance(seconds=1)
    assert adjust(shop.admin, lin.id, -120, "counted twice").json["balance"] == 180
    assert points(lin) == {"balance": 180, "earned": 300, "spent": 120}
    rows = lin.get("/v1/me/points/entries").json["data"]
    assert [(row["delta"], row["balance"], row["reason"]) for row in rows] == [
        (-120, 180, "counted twice"),
        (300, 300, "a broken cup"),
    ]
    assert "actor_id" not in rows[0]
    seen = shop.admin.get(f"{USERS}/{lin.id}/points/entries").json["data"]
    assert [row["actor_id"] for row in seen] == [shop.admin.id] * 2
    assert shop.admin.get(f"{USERS}/{lin.id}/points").json == points(lin)


def test_an_adjustment_is_two_store_calls_and_an_act_on_record(shop: Shop, lin: Person) -> None:
    assert shop.admin.get("/v1/me").status == 200
    with store_calls() as calls:
        adjust(shop.admin, lin.id, 5)
    assert [call for call in calls if call != "GetItem"] == ["BatchGetItem", "TransactWriteItems"]
    act = shop.admin.get("/v1/admin/audit-log").json["data"][0]
    assert (act["act"], act["reason"]) == ("members_adjust_member_points", "a broken cup")
    assert act["items"] == ["points_account", "points_entry"]


@pytest.mark.ledger("S4-139")
def test_nobody_has_fewer_points_than_none(shop: Shop, lin: Person) -> None:
    adjust(shop.admin, lin.id, 10)
    with nothing_changes():
        answer = adjust(shop.admin, lin.id, -11)
        assert (answer.status, answer.code, answer.json["balance"]) == (409, "points_negative", 10)
        assert "10" in answer.json["detail"]
    assert adjust(shop.admin, lin.id, -10).json["balance"] == 0


@pytest.mark.parametrize(
    ("delta", "reason"), [(0, "x"), (10**9 + 1, "x"), (1.5, "x"), ("5", "x"), (5, ""), (5, None)]
)
def test_a_change_says_how_much_and_why(shop: Shop, lin: Person, delta: Any, reason: Any) -> None:
    assert shop.admin
    with nothing_changes():
        assert adjust(shop.admin, lin.id, delta, reason).status == 422


def test_the_same_intention_counts_once(shop: Shop, lin: Person) -> None:
    first = adjust(shop.admin, lin.id, 7, key="once")
    assert adjust(shop.admin, lin.id, 7, key="once").text == first.text
    assert points(lin)["balance"] == 7
    assert adjust(shop.admin, lin.id, 8, key="once").code == "idempotency_key_reused"


def test_a_cause_that_has_its_entry_counts_no_second_time(lin: Person) -> None:
    ctx = system("default")

    def post() -> None:
        with transaction(ctx) as tx:
            service.post(tx, service.of(ctx, lin.id), 5, about="adjustment", which="adj_1")

    post()
    with nothing_changes(), pytest.raises(CauseKnown):
        post()
    assert points(lin)["balance"] == 5


def test_who_writes_between_reading_and_writing_is_not_written_over(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, post = shop.admin, service.post
    raced: list[bool] = []

    def late(*args: Any, **kw: Any) -> Any:
        if not raced:
            raced.append(True)
            adjust(admin, lin.id, 100)
        return post(*args, **kw)

    monkeypatch.setattr(service, "post", late)
    assert adjust(admin, lin.id, 10).json["balance"] == 110
    assert points(lin) == {"balance": 110, "earned": 110, "spent": 0}


def test_an_account_that_ends_meanwhile_gets_none(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, post = shop.admin, service.post

    def late(*args: Any, **kw: Any) -> Any:
        send("DELETE", "/v1/me", {"password": "correct horse battery"}, token=lin.access_token)
        return post(*args, **kw)

    monkeypatch.setattr(service, "post", late)
    assert adjust(admin, lin.id, 10).code == "account_gone"
    assert of_kind("points_account") == of_kind("points_entry") == []


def test_nobody_gives_points_to_themselves_or_to_staff(shop: Shop, lin: Person) -> None:
    owner = member_of_staff(shop, "shop_owner")
    helper = member_of_staff(shop, "support")
    with nothing_changes():
        assert adjust(owner, owner.id, 5).code == "own_account"
        assert adjust(owner, helper.id, 5).code == "staff_protected"
        assert adjust(helper, lin.id, 5).status == 403
        assert adjust(lin, lin.id, 5).status == 403
    assert helper.get(f"{USERS}/{lin.id}/points").json == NOTHING
    assert adjust(owner, lin.id, 5).status == 201


@pytest.mark.rule("B17")
def test_who_sees_their_own_customers_touches_no_others_points(shop: Shop, lin: Person) -> None:
    helper, wei = member_of_staff(shop, "support"), shop.customer("Wei")
    shop.admin.patch(f"{USERS}/{wei.id}", {"adviser_id": helper.id})
    ctx: Context = adviser(helper)
    assert belongings.adjust_points(ctx, wei.id, 5, "x")["balance"] == 5
    with nothing_changes():
        with pytest.raises(NotFound):
            belongings.points_of(ctx, lin.id)
        for look in (belongings.points_entries_of, belongings.favorites_of, belongings.footprints_of):
            with pytest.raises(NotFound):
                look(ctx, lin.id, limit=1, cursor=None)
        with pytest.raises(NotFound):
            belongings.adjust_points(ctx, lin.id, 5, "x")


def test_entries_are_pages_of_one_query(shop: Shop, lin: Person) -> None:
    for n in range(3):
        adjust(shop.admin, lin.id, n + 1)
        shop.clock.advance(seconds=1)
    with store_calls() as calls:
        first = lin.get("/v1/me/points/entries?limit=2").json
    assert calls[-1:] == ["Query"]
    rest = lin.get(f"/v1/me/points/entries?limit=2&cursor={first['next_cursor']}").json
    assert [row["delta"] for row in first["data"] + rest["data"]] == [3, 2, 1]
    assert rest["next_cursor"] is None


def test_a_summary_and_a_members_page_say_the_balance(shop: Shop, lin: Person) -> None:
    adjust(shop.admin, lin.id, 40)
    assert lin.get("/v1/me/summary").json["points"] == 40
    assert shop.admin.get(f"{USERS}/{lin.id}").json["points"] == 40


def test_two_accounts_points_become_one_balance_with_an_entry_on_each_side(shop: Shop, lin: Person) -> None:
    twin, wei = shop.customer("Twin"), shop.customer("Wei")
    adjust(shop.admin, lin.id, 10)
    adjust(shop.admin, twin.id, 25)
    shop.clock.advance(seconds=1)
    for gone in (twin, wei):
        body = {"from_user_id": gone.id, "reason": "called us"}
        assert shop.admin.post(f"{USERS}/{lin.id}/merge", body).status == 200
    assert points(lin) == {"balance": 35, "earned": 35, "spent": 0}
    mine = shop.admin.get(f"{USERS}/{lin.id}/points/entries").json["data"]
    assert [(row["delta"], row["cause"].partition(":")[0]) for row in mine] == [
        (25, "merged"),
        (10, "adjustment"),
    ]
    theirs = shop.admin.get(f"{USERS}/{twin.id}/points/entries").json["data"]
    assert (theirs[0]["delta"], theirs[0]["cause"]) == (-25, f"merged:{lin.id}")
    assert shop.admin.get(f"{USERS}/{twin.id}/points").json["balance"] == 0


def test_nothing_is_left_of_the_points_of_who_leaves(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_AT_ONCE", 2)
    wei = shop.customer("Wei")
    for person in (lin, lin, lin, wei):
        adjust(shop.admin, person.id, 5)
        shop.clock.advance(seconds=1)
    body = {"password": "correct horse battery"}
    assert send("DELETE", "/v1/me", body, token=lin.access_token).status == 204
    stream(times=2)
    assert {
        item["user_id"]["S"] for kind in ("points_account", "points_entry") for item in of_kind(kind)
    } == {wei.id}


def test_a_person_gets_their_points_with_what_is_held_of_them(shop: Shop, lin: Person) -> None:
    adjust(shop.admin, lin.id, 5)
    sections = lin.get("/v1/me/export").json["sections"]
    assert sections["points"]["data"] == [{"balance": 5, "earned": 5, "spent": 0}]
    assert sections["points_entries"]["data"][0]["reason"] == "a broken cup"
