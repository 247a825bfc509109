"""One's own account."""

import pytest

from chalicelib.identity.service import forget_sessions
from tests.identity.people import me
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes, store_calls


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def test_me_is_one_store_call_with_a_warm_session(lin: Person, shop: Shop) -> None:
    me(lin.access_token)
    with store_calls() as calls:
        assert me(lin.access_token).json["name"] == "Lin"
    assert calls == ["GetItem"]
    cost = shop.admin.get("/v1/me", headers={"x-debug-cost": "1"}).headers["x-cost"]
    assert cost.startswith("calls=1;")


def test_a_cold_process_reads_session_and_user(lin: Person) -> None:
    forget_sessions()
    with store_calls() as calls:
        me(lin.access_token)
    assert calls == ["GetItem", "GetItem"]


def test_customers_do_not_see_what_a_request_costs(lin: Person) -> None:
    assert "x-cost" not in lin.get("/v1/me", headers={"x-debug-cost": "1"}).headers


def test_a_person_renames_themselves(lin: Person) -> None:
    answer = lin.patch("/v1/me", {"name": "  林 一 "})
    assert answer.status == 200
    assert answer.json == {**lin.user, "name": "林 一"}
    assert lin.get("/v1/me").json == answer.json


def test_renaming_reads_once_and_writes_once(lin: Person) -> None:
    """Staff lists carry names, so the whole item with its index entry is written anew."""
    with store_calls() as calls:
        lin.patch("/v1/me", {"name": "Wei"})
    assert calls == ["GetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": None},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 51},
        {"name": "a\nb"},
        {"name": 7},
        {"name": "Lin", "roles": ["super_admin"]},
        {"name": "Lin", "id": "usr_1"},
        {"email": "new@example.com"},
        [],
    ],
)
def test_only_a_name_of_the_right_form_is_taken(lin: Person, body: object) -> None:
    with nothing_changes():
        assert lin.patch("/v1/me", body).status == 422


def test_nobody_signed_in_is_nobody(shop: Shop) -> None:
    assert send("PATCH", "/v1/me", {"name": "x"}).status == 401
