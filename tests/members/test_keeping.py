"""Opening accounts, changing what staff keep of a member, letting them in or not."""

from typing import Any

import pytest

from chalicelib.core.context import OF_THE_INSTALLATION, Actor, Context
from chalicelib.identity.holders import LastOfRole
from chalicelib.members import access
from tests.jobs import of_kind, stream
from tests.members.people import PASSWORD, USERS, can_sign_in, is_signed_in, member_of_staff, user_of
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls

WHY = {"reason": "asked for on the phone"}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


@pytest.mark.ledger("S2-014")
def test_staff_open_an_account_that_its_owner_signs_in_to(shop: Shop) -> None:
    body = {
        "login": "Wei@Example.com",
        "password": PASSWORD,
        "name": "Wei",
        "level": "member",
        "tags": ["north"],
    }
    made = shop.admin.post(USERS, body, key="open-wei")
    assert made.status == 201
    assert (made.json["email"], made.json["level"], made.json["tags"]) == (
        "wei@example.com",
        "member",
        ["north"],
    )
    assert made.json["level_is_fixed"] is True
    assert shop.sign_in("wei@example.com", PASSWORD).id == made.json["id"]
    again = shop.admin.post(USERS, body, key="open-wei")
    assert (again.text, again.headers["idempotent-replayed"]) == (made.text, "true")


def test_an_account_without_a_password_lets_nobody_in(shop: Shop) -> None:
    made = shop.admin.post(USERS, {"login": "+86 138-0000-0000"})
    assert (made.json["phone"], made.json["has_password"]) == ("+8613800000000", False)
    answer = send("POST", "/v1/auth/login", {"login": "+8613800000000", "password": PASSWORD})
    assert answer.status == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"login": "!"}, "login_invalid"),
        ({"login": "wei_1", "password": "password"}, "password_common"),
        ({"login": "wei_1", "adviser_id": "usr_00000000000000000000000000"}, "unknown"),
        ({"login": "wei_1", "tags": [f"t{n}" for n in range(21)]}, "too_long"),
        ({"login": "wei_1", "tags": ["a;b"]}, "string_pattern_mismatch"),
        ({"login": "wei_1", "roles": ["super_admin"]}, "extra_forbidden"),
    ],
)
def test_an_account_that_cannot_be_is_refused(shop: Shop, body: Any, code: str) -> None:
    assert shop.admin
    with nothing_changes():
        answer = shop.admin.post(USERS, body)
        assert (answer.status, answer.json["errors"][0]["code"]) == (422, code)


def test_a_login_has_one_owner(shop: Shop, lin: Person) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.post(USERS, {"login": lin.user["email"]}).code == "login_taken"


@pytest.mark.ledger("S4-137", "S2-014")
def test_what_staff_keep_of_a_member_is_changed_under_its_etag(shop: Shop, lin: Person) -> None:
    seen = shop.admin.get(f"{USERS}/{lin.id}")
    tag = {"if-match": seen.headers["etag"]}
    body = {"name": "Lin Yi", "level": "vip", "tags": ["north"], "adviser_id": shop.admin.id, **WHY}
    answer = shop.admin.patch(f"{USERS}/{lin.id}", body, headers=tag)
    assert answer.status == 200
    assert (answer.json["name"], answer.json["level"]) == ("Lin Yi", "vip")
    assert shop.admin.get(f"{USERS}/{lin.id}").headers["etag"] == answer.headers["etag"]
    assert lin.get("/v1/me").json["level"] == "vip"
    with nothing_changes():
        assert shop.admin.patch(f"{USERS}/{lin.id}", {"name": "x"}, headers=tag).status == 412
    assert shop.admin.patch(f"{USERS}/{lin.id}", {"adviser_id": None, "tags": []}).json["adviser_id"] is None


def test_a_change_to_what_it_is_writes_nothing(shop: Shop, lin: Person) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.patch(f"{USERS}/{lin.id}", {"name": "Lin"}).status == 200


@pytest.mark.parametrize(
    "body", [{}, WHY, {"name": ""}, {"level": "gold"}, {"status": "disabled"}, {"tags": None}]
)
def test_a_change_that_cannot_be_is_refused(shop: Shop, lin: Person, body: Any) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.patch(f"{USERS}/{lin.id}", body).status == 422


def test_an_adviser_is_a_member_of_staff(shop: Shop, lin: Person) -> None:
    assert shop.admin
    with nothing_changes():
        answer = shop.admin.patch(f"{USERS}/{lin.id}", {"adviser_id": lin.id})
        assert answer.json["errors"][0]["code"] == "unknown"


@pytest.mark.ledger("S4-138")
def test_a_disabled_member_is_out_at_once_and_comes_back_when_enabled(shop: Shop, lin: Person) -> None:
    other = shop.sign_in(str(lin.user["email"]), PASSWORD)
    assert shop.admin.post(f"{USERS}/{lin.id}/disable", WHY).json["status"] == "disabled"
    assert not is_signed_in(lin)
    assert not is_signed_in(other)
    assert send("POST", "/v1/auth/refresh", {"refresh_token": lin.refresh_token}).status == 401
    assert not can_sign_in(lin)
    assert shop.admin.post(f"{USERS}/{lin.id}/enable", WHY).json["status"] == "active"
    assert can_sign_in(lin)
    assert not is_signed_in(lin)


def test_disabling_twice_is_once_and_costs_four_calls(shop: Shop, lin: Person) -> None:
    assert shop.admin
    with store_calls() as calls:
        shop.admin.post(f"{USERS}/{lin.id}/disable", WHY, key="k1")
    assert calls == ["GetItem", "Query", "TransactWriteItems", "Query"]
    first = shop.admin.post(f"{USERS}/{lin.id}/disable", WHY, key="k1")
    assert first.headers["idempotent-replayed"] == "true"
    assert shop.admin.post(f"{USERS}/{lin.id}/disable", WHY, key="k2").text == first.text


@pytest.mark.ledger("S4-138")
def test_a_member_is_signed_out_everywhere_and_may_sign_in_again(shop: Shop, lin: Person) -> None:
    assert shop.admin.post(f"{USERS}/{lin.id}/logout", WHY).status == 204
    assert not is_signed_in(lin)
    assert can_sign_in(lin)


def standing(person: Person) -> list[Any]:
    return [one for one in of_kind("session") if one["user_id"]["S"] == person.id and "revoked_at" not in one]


def test_more_sessions_than_fit_one_transaction_end_all(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.members.access._AT_ONCE", 2)
    for _ in range(4):
        shop.sign_in(str(lin.user["email"]), PASSWORD)
    shop.admin.post(f"{USERS}/{lin.id}/logout", WHY)
    assert standing(lin) == []


def test_an_act_that_was_killed_before_its_end_is_finished_by_its_event(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.members.access._AT_ONCE", 1)
    monkeypatch.setattr("chalicelib.members.access.ended", lambda *_: None)
    shop.sign_in(str(lin.user["email"]), PASSWORD)
    shop.admin.post(f"{USERS}/{lin.id}/disable", WHY)
    assert len(standing(lin)) == 1
    stream()
    assert standing(lin) == []


@pytest.mark.parametrize("act", ["disable", "enable", "logout"])
def test_nobody_does_it_to_themselves(shop: Shop, act: str) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.post(f"{USERS}/{shop.admin.id}/{act}", WHY).code == "own_account"


@pytest.mark.parametrize("act", ["disable", "enable", "logout"])
def test_only_who_may_grant_roles_touches_the_account_of_staff(shop: Shop, act: str) -> None:
    operations, support = member_of_staff(shop, "operations"), member_of_staff(shop, "support")
    with nothing_changes():
        assert operations.post(f"{USERS}/{support.id}/{act}", WHY).code == "staff_protected"
        assert operations.patch(f"{USERS}/{support.id}", {"name": "x"}).code == "staff_protected"
    assert shop.admin.post(f"{USERS}/{support.id}/{act}", WHY).status in (200, 204)


def other_admin(shop: Shop) -> Person:
    """A second super admin."""
    return member_of_staff(shop, "super_admin", name="Second")


@pytest.mark.parametrize("act", ["disable", "enable", "logout"])
def test_nobody_touches_the_account_of_who_may_do_more_than_they(shop: Shop, act: str) -> None:
    second, owner = member_of_staff(shop, "super_admin"), member_of_staff(shop, "platform_owner")
    with nothing_changes():
        assert second.post(f"{USERS}/{owner.id}/{act}", WHY).code == "staff_protected"
        assert second.patch(f"{USERS}/{owner.id}", {"name": "x"}).code == "staff_protected"
    assert shop.admin.post(f"{USERS}/{owner.id}/{act}", WHY).status in (200, 204)


def test_who_is_disabled_holds_no_role_and_may_lose_it(shop: Shop) -> None:
    second, third = other_admin(shop), other_admin(shop)
    for one in (second, third):
        assert shop.admin.post(f"{USERS}/{one.id}/disable", WHY).status == 200
    assert shop.admin.post(f"{USERS}/{second.id}/enable", WHY).status == 200
    assert can_sign_in(second)
    with nothing_changes():
        taken = shop.admin.put(f"{USERS}/{shop.admin.id}/roles", {"roles": ["super_admin"], "reason": "x"})
        assert taken.code == "last_of_role"
    left = shop.admin.put(f"{USERS}/{third.id}/roles", {"roles": [], "reason": "left"})
    assert left.json["roles"] == []


def test_the_last_super_admin_is_not_disabled_by_who_may_grant_roles(shop: Shop) -> None:
    second = other_admin(shop)
    everything = frozenset({"*", *(f"{module}:*" for module in OF_THE_INSTALLATION)})
    granter = Context("default", Actor("staff", id="usr_x", permissions=everything))
    access.disable(granter, second.id)
    assert shop.admin
    with nothing_changes(), pytest.raises(LastOfRole):
        access.disable(granter, shop.admin.id)


@pytest.mark.parametrize("act", ["disable", "enable", "logout"])
def test_an_act_on_nobody_or_without_a_reason_is_refused(shop: Shop, lin: Person, act: str) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.post(f"{USERS}/{lin.id}/{act}", {}).status == 422
        assert shop.admin.post(f"{USERS}/usr_00000000000000000000000000/{act}", WHY).status == 404


@pytest.mark.ledger("S2-014", "S4-141")
def test_a_batch_acts_on_each_member_by_itself(shop: Shop, lin: Person) -> None:
    wei, nobody = shop.customer("Wei"), "usr_00000000000000000000000000"
    body = {
        "action": "tag",
        "tag": "north",
        "user_ids": [lin.id, nobody, wei.id, shop.admin.id, lin.id],
        **WHY,
    }
    rows = shop.admin.post(f"{USERS}/batch", body, key="b1").json["data"]
    assert [(one["user_id"], one["outcome"], one["code"]) for one in rows] == [
        (lin.id, "done", None),
        (nobody, "failed", "not_found"),
        (wei.id, "done", None),
        (shop.admin.id, "failed", "own_account"),
    ]
    assert user_of(lin.id).tags == user_of(wei.id).tags == {"north"}
    assert shop.admin.post(f"{USERS}/batch", body, key="b1").headers["idempotent-replayed"] == "true"
    shop.admin.post(f"{USERS}/batch", {**body, "action": "untag"})
    assert user_of(lin.id).tags == frozenset()


@pytest.mark.ledger("S2-014")
def test_a_batch_disables_enables_and_gives_levels(shop: Shop, lin: Person) -> None:
    wei = shop.customer("Wei")
    for action, more in (("disable", {}), ("level", {"level": "vip"})):
        body = {"action": action, "user_ids": [lin.id, wei.id], **more, **WHY}
        assert {one["outcome"] for one in shop.admin.post(f"{USERS}/batch", body).json["data"]} == {"done"}
    assert {(user_of(one.id).status, user_of(one.id).level) for one in (lin, wei)} == {("disabled", "vip")}
    assert not is_signed_in(lin)
    shop.admin.post(f"{USERS}/batch", {"action": "enable", "user_ids": [wei.id], **WHY})
    shop.admin.post(f"{USERS}/batch", {"action": "level", "level": None, "user_ids": [wei.id], **WHY})
    assert (user_of(wei.id).status, user_of(wei.id).level, user_of(wei.id).level_is_fixed) == (
        "active",
        "ordinary",
        False,
    )


def test_a_batch_that_runs_out_of_time_says_what_is_left(
    shop: Shop, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    monkeypatch.setattr("chalicelib.members.batching.TIME", timedelta(0))
    assert shop.admin
    with nothing_changes():
        body = {"action": "disable", "user_ids": [lin.id], **WHY}
        answer = send("POST", f"{USERS}/batch", body, token=shop.admin.token)
        assert answer.json["data"] == [{"user_id": lin.id, "outcome": "left", "code": None, "message": None}]


@pytest.mark.parametrize(
    "more",
    [
        {"action": "tag"},
        {"action": "untag"},
        {"action": "level"},
        {"action": "delete"},
        {"action": "disable", "user_ids": []},
        {"action": "disable", "user_ids": ["x"]},
    ],
)
def test_a_batch_that_says_too_little_is_refused(shop: Shop, lin: Person, more: dict[str, Any]) -> None:
    assert shop.admin
    with nothing_changes():
        assert shop.admin.post(f"{USERS}/batch", {"user_ids": [lin.id], **WHY, **more}).status == 422
