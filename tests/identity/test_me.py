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


@pytest.mark.ledger("S1-009", "S4-051")
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
        {"level": "vip"},
        {"locale": "fr"},
        {"avatar_url": ""},
        {"avatar_url": "http://example.com/lin.png"},
        {"name": "Lin", "avatar_url": "https://localhost/lin.png"},
        [],
    ],
)
def test_only_what_is_a_persons_own_to_change_is_taken_in_its_right_form(lin: Person, body: object) -> None:
    with nothing_changes():
        assert lin.patch("/v1/me", body).status == 422


def test_nobody_signed_in_is_nobody(shop: Shop) -> None:
    assert send("PATCH", "/v1/me", {"name": "x"}).status == 401


PICTURE = "https://img.example.com/lin.png"


@pytest.mark.ledger("S1-009", "S4-051")
def test_a_profile_has_a_picture_and_a_language(lin: Person) -> None:
    answer = lin.patch("/v1/me", {"avatar_url": PICTURE, "locale": "zh-CN"})
    assert answer.json == {**lin.user, "avatar_url": PICTURE, "locale": "zh-CN"}
    assert lin.patch("/v1/me", {"avatar_url": None, "locale": None}).json == lin.user


def test_a_change_to_what_it_is_writes_nothing(lin: Person) -> None:
    lin.patch("/v1/me", {"locale": "en"})
    with store_calls() as calls:
        assert lin.patch("/v1/me", {"locale": "en"}).status == 200
    assert calls == ["GetItem"]


@pytest.mark.ledger("S4-052")
def test_a_picture_is_set_and_taken_away(lin: Person) -> None:
    assert lin.put("/v1/me/avatar", {"url": PICTURE}).json["avatar_url"] == PICTURE
    assert lin.get("/v1/me").json["avatar_url"] == PICTURE
    assert lin.delete("/v1/me/avatar").status == 204
    assert lin.get("/v1/me").json["avatar_url"] is None


@pytest.mark.parametrize("host", ["169.254.169.254", "localhost", "db.internal", "lin:pw@example.com"])
def test_a_picture_comes_from_a_public_address(lin: Person, host: str) -> None:
    with nothing_changes():
        answer = lin.put("/v1/me/avatar", {"url": f"https://{host}/latest"})
        assert (answer.status, answer.json["errors"][0]["code"]) == (422, "url_not_public")
