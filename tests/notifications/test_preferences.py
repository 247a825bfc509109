"""How a customer wants to be told, and when not."""

from datetime import UTC, datetime, time, timedelta
from typing import get_args
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.notifications import preferences as rules
from chalicelib.notifications import service
from chalicelib.notifications.entities import Channel, Preferences, QuietHours, Topic
from tests.jobs import stream
from tests.payments.test_paying import pay
from tests.shop import Person, Shop
from tests.unchanged import nothing_changes, store_calls

URL = "/v1/me/notifications/preferences"
NIGHT = {"begins": "22:00", "ends": "07:30"}


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def wishes(quiet: QuietHours | None = None, zone: str = "Asia/Shanghai") -> Preferences:
    return Preferences(tenant="default", user_id="usr_x", quiet_hours=quiet, time_zone=zone)


def test_who_has_said_nothing_is_told_of_all_but_advertising_at_the_door(lin: Person) -> None:
    with store_calls() as calls:
        said = lin.get(URL).json
    assert calls == ["GetItem"]
    assert said["quiet_hours"] is None
    assert said["time_zone"] == "Asia/Shanghai"
    off = {(c, t) for c, topics in said["channels"].items() for t, on in topics.items() if not on}
    assert off == rules.OFF_UNASKED


def test_what_was_chosen_stands_and_the_rest_is_as_usual(lin: Person) -> None:
    body = {
        "channels": {"mail": {"marketing": True, "orders": False}, "in_app": {"orders": True}},
        "quiet_hours": NIGHT,
        "time_zone": "Europe/Berlin",
    }
    answer = lin.put(URL, body)
    assert answer.status == 200
    assert answer.json["channels"]["mail"] == {
        "orders": False,
        "marketing": True,
        "alerts": True,
        "account": True,
    }
    assert (answer.json["quiet_hours"], answer.json["time_zone"]) == (NIGHT, "Europe/Berlin")
    assert lin.get(URL).json == answer.json
    assert lin.put(URL, {}).json["channels"]["mail"]["marketing"] is False


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"channels": {"in_app": {"orders": False}}}, "always_on"),
        ({"channels": {"in_app": {"account": False}}}, "always_on"),
        ({"channels": {"pigeon": {"orders": False}}}, "literal_error"),
        ({"channels": {"mail": {"weather": False}}}, "literal_error"),
        ({"channels": {"mail": {"orders": "no"}}}, "bool_type"),
        ({"quiet_hours": {"begins": "22:00", "ends": "22:00"}}, "no_hours"),
        ({"quiet_hours": {"begins": "24:00", "ends": "07:00"}}, "string_pattern_mismatch"),
        ({"time_zone": "Mars/Olympus"}, "unknown"),
        ({"time_zone": "Asia"}, "unknown"),
        ({"time_zone": "../../etc/passwd"}, "unknown"),
    ],
)
def test_what_cannot_be_chosen_is_refused(lin: Person, body: object, code: str) -> None:
    with nothing_changes():
        answer = lin.put(URL, body)
        assert (answer.status, answer.json["errors"][0]["code"]) == (422, code)


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2036-03-02T13:59:00Z", "2036-03-02T13:59:00Z"),
        ("2036-03-02T14:00:00Z", "2036-03-02T23:30:00Z"),
        ("2036-03-02T20:00:00Z", "2036-03-02T23:30:00Z"),
        ("2036-03-02T23:30:00Z", "2036-03-02T23:30:00Z"),
    ],
)
def test_a_message_of_the_night_waits_for_the_customers_morning(at: str, goes: str) -> None:
    """Shanghai is eight hours ahead: its night of 22:00 to 07:30 is 14:00 to 23:30 in UTC."""
    quiet = wishes(QuietHours(begins=time(22), ends=time(7, 30)))
    found = rules.goes_at(quiet, "sms", "orders", datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(goes)


def test_hours_within_one_day_end_on_that_day() -> None:
    nap = wishes(QuietHours(begins=time(13), ends=time(15)), zone="UTC")
    assert rules.goes_at(nap, "mail", "alerts", datetime(2036, 3, 2, 14, tzinfo=UTC)) == datetime(
        2036, 3, 2, 15, tzinfo=UTC
    )


def test_nobody_is_woken_by_a_list_and_a_theft_waits_for_no_morning() -> None:
    asleep, at = (
        wishes(QuietHours(begins=time(0), ends=time(23, 59)), zone="UTC"),
        datetime(2036, 3, 2, tzinfo=UTC),
    )
    assert rules.goes_at(asleep, "in_app", "alerts", at) == at
    assert rules.goes_at(asleep, "sms", "account", at) == at
    assert rules.goes_at(asleep, "sms", "marketing", at) is None


@given(
    st.times(),
    st.times(),
    st.integers(0, 10 * 365 * 24 * 60),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(get_args(Channel)),
    st.sampled_from(get_args(Topic)),
)
def test_a_message_never_goes_before_it_is_written_and_waits_a_day_and_a_clock_change_at_most(
    begins: time, ends: time, minutes: int, zone: str, channel: Channel, topic: Topic
) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    goes = rules.goes_at(wishes(QuietHours(begins=begins, ends=ends), zone), channel, topic, at)
    if goes is not None:
        assert 0 <= (goes - at).total_seconds() < 26 * 3600


def test_a_topic_that_was_switched_off_is_not_written_to_the_list(lin: Person, shop: Shop) -> None:
    lin.put(URL, {"channels": {"in_app": {"alerts": False}}})
    card = shop.sku(kind="card_key", stock=1)
    pay(lin, lin.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json["id"])
    with patch.dict(service.TOPICS, {"order": "alerts"}):
        stream()
    assert lin.get("/v1/me/notifications").json["data"] == []


def test_orders_are_written_to_the_list_without_asking(lin: Person, shop: Shop) -> None:
    card = shop.sku(kind="card_key", stock=1)
    pay(lin, lin.post("/v1/orders", {"items": [{"sku_id": card, "quantity": 1}]}).json["id"])
    stream(times=2)
    assert [one["about"] for one in lin.get("/v1/me/notifications").json["data"]] == ["order.paid"]


def test_a_message_of_no_listed_noun_is_about_the_account() -> None:
    assert service.topic_of("password.changed") == "account"
