"""The life of a staff account, from its opening to its end."""

import pytest

from tests.members.people import PASSWORD, USERS
from tests.shop import Person, Shop, send


def staff_list(shop: Shop) -> list[str]:
    listed = shop.admin.get(f"{USERS}?kind=staff")
    assert listed.status == 200, listed.text
    return [one["id"] for one in listed.json["data"]]


@pytest.mark.ledger("S4-181")
def test_a_staff_account_is_opened_given_work_put_away_and_brought_back(shop: Shop) -> None:
    made = shop.admin.post(USERS, {"login": "wei@example.com", "password": PASSWORD, "name": "Wei"})
    assert made.status == 201, made.text
    url = f"{USERS}/{made.json['id']}"
    assert made.json["id"] not in staff_list(shop)
    assert shop.admin.put(f"{url}/roles", {"roles": ["warehouse"], "reason": "hired"}).status == 200
    assert made.json["id"] in staff_list(shop)
    wei = shop.sign_in("wei@example.com", PASSWORD)
    assert wei.get("/v1/admin/orders").status == 200

    assert shop.admin.post(f"{url}/disable", {"reason": "on leave"}).status == 200
    assert wei.get("/v1/admin/orders").status == 401
    assert _sign_in_status(wei) == 403
    assert shop.admin.post(f"{url}/enable", {"reason": "back"}).status == 200
    assert shop.sign_in("wei@example.com", PASSWORD).get("/v1/admin/orders").status == 200

    assert shop.admin.put(f"{url}/roles", {"roles": [], "reason": "left"}).status == 200
    assert made.json["id"] not in staff_list(shop)


def _sign_in_status(person: Person) -> int:
    return send("POST", "/v1/auth/login", {"login": person.user["email"], "password": PASSWORD}).status
