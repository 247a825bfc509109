"""A customer's devices, each known once, never too many, their push tokens shown to nobody."""

import pytest

from chalicelib.core.context import Context
from chalicelib.notifications import devices
from tests.jobs import of_kind
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/me/devices"
PHONE = {"platform": "ios", "name": "Lin's phone", "push_token": "apns-secret-1"}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def names(person: Person) -> list[str]:
    return [one["name"] for one in person.get(URL).json["data"]]


def test_a_device_is_registered_once_however_often_it_says_so(lin: Person, shop: Shop) -> None:
    first = lin.post(URL, PHONE)
    shop.clock.advance(hours=1)
    second = lin.post(URL, {**PHONE, "name": "My phone"})
    assert (first.status, second.status) == (201, 201)
    assert second.json["id"] == first.json["id"]
    assert second.json["created_at"] == first.json["created_at"] < second.json["last_seen_at"]
    assert names(lin) == ["My phone"]


def test_a_push_token_is_sealed_and_opens_for_the_channel_alone(lin: Person) -> None:
    assert lin.post(URL, PHONE).json["can_be_pushed_to"] is True
    lin.post(URL, {"platform": "web", "name": "Browser"})
    assert "apns-secret-1" not in str(of_kind("device_book")) + lin.get(URL).text
    assert devices.push_tokens(Context("default"), lin.id) == [("ios", "apns-secret-1")]


def test_the_device_not_seen_for_longest_gives_way(lin: Person, shop: Shop) -> None:
    for n in range(devices.MOST):
        lin.post(URL, {"platform": "web", "name": f"Browser {n}"})
        shop.clock.advance(minutes=1)
    lin.post(URL, {"platform": "web", "name": "Browser 0"})
    shop.clock.advance(minutes=1)
    lin.post(URL, PHONE)
    assert len(names(lin)) == devices.MOST
    assert names(lin)[:2] == ["Lin's phone", "Browser 0"]
    assert "Browser 1" not in names(lin)


def test_a_device_is_forgotten(lin: Person) -> None:
    made = lin.post(URL, PHONE).json
    assert lin.delete(f"{URL}/{made['id']}").status == 204
    assert names(lin) == []
    with nothing_changes():
        assert lin.delete(f"{URL}/{made['id']}").status == 404


@pytest.mark.rule("B17")
def test_nobody_sees_or_forgets_anothers_device(lin: Person, shop: Shop) -> None:
    made, eve = lin.post(URL, PHONE).json, shop.customer("Eve")
    with nothing_changes():
        assert eve.delete(f"{URL}/{made['id']}").status == 404
    assert names(eve) == []
    assert eve.post(URL, PHONE).json["id"] != made["id"]


def test_registering_reads_once_and_writes_once(lin: Person) -> None:
    with store_calls() as calls:
        lin.post(URL, PHONE)
    assert calls == ["GetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    "body",
    [{}, {"platform": "fridge", "name": "x"}, {"platform": "ios", "name": " "}, {**PHONE, "push_token": ""}],
)
def test_a_device_of_the_wrong_form_is_refused(lin: Person, body: object) -> None:
    with nothing_changes():
        assert lin.post(URL, body).status == 422
