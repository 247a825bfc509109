"""What must not stand in a log is taken out by its name, or by its look."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.core import ids, redaction
from tests.conftest import MORNING

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("call 13812345678 now", "call 138****5678 now"),
        ("+8613812345678", "+86138****5678"),
        ("+86 138 1234 5678", "+86 138****5678"),
        ("138-1234-5678", "138****5678"),
        ("default#LOGIN#phone_13812345678", "default#LOGIN#phone_138****5678"),
        ("008613812345678", "0086138****5678"),
        ("to +4915112345678", "to +491****5678"),
        ("+44 7911 123456", "+44****3456"),
        ("+1 415 555-2671", "+1****2671"),
        ("lin.wei+shop@mail.example.com", "l***@mail.example.com"),
        ("L@example.com", "L***@example.com"),
        (f"token {JWT} was", "token *** was"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent Bearer abcdefgh", "sent Bearer ***"),
        ("password=hunter2, x=1", "password=***, x=1"),
        ('{"password": "hunter 2", "x": 1}', '{"password": ***, "x": 1}'),
        ("{'new_password': 'hun\\'ter 2'}", "{'new_password': ***}"),
        (
            '{"body": "{\\"password\\": \\"hun\\\\\\"ter 2\\", \\"x\\": 1}"}',
            '{"body": "{\\"password\\": ***, \\"x\\": 1}"}',
        ),
        (
            "Stated(real_name='Lin Yi', document_number='E12345678')",
            "Stated(real_name=***, document_number=***)",
        ),
        ("no card 11010519491231002X", "no card 110105***"),
        ("?js_code=081xyz&x=1", "?js_code=***&x=1"),
        ("is $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA, x", "is *** x"),
        ("https://a.example/?access_token=abc&x=1", "https://a.example/?access_token=***&x=1"),
        ("[type=x, input_value='hunter2', input_type=str]", "[type=x, input_value=***, input_type=str]"),
        ("key 3b1f" + "0a" * 30, "key ***"),
        ("AbCdEfGh1234567890AbCdEfGh1234567890", "***"),
    ],
)
def test_a_secret_or_a_person_in_a_text_is_masked(said: str, kept: str) -> None:
    assert redaction.text(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "ord_01KJPM2X00QZ5T8Y3W6V9B4C7D",
        "5a1e2f30-8c4b-4f0a-9d2e-0123456789ab",
        "calls=3; rru=4.5; wru=12",
        "/v1/admin/orders/{order_id}/shipments",
        '  File "/var/task/chalicelib/http/front.py", line 12, in serve',
        "test_a_refusal_of_a_very_long_name_in_a_program_of_2036",
        "2036-03-02T01:00:00.000Z",
        "stock:sku_01KJPM2X00QZ5T8Y3W6V9B4C7D",
        "1999 CNY",
        "203.0.113.7",
    ],
)
def test_what_an_operator_needs_stays(said: str) -> None:
    assert redaction.text(said) == said
    assert redaction.value("path", said) == said


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "newPassword",
        "access_token",
        "X-Api_Key",
        "authorization",
        "code",
        "sms_code",
        "Set-Cookie",
    ],
)
def test_a_field_that_is_named_like_a_secret_is_hidden_whatever_it_holds(name: str) -> None:
    for given_value in ("x", 1234, ["x"], {"a": "x"}, None):
        assert redaction.value(name, given_value) == "***"


def test_fields_inside_fields_are_looked_at() -> None:
    told = redaction.value(
        "body", {"login": "lin@example.com", "inner": [{"pin": "1"}], "phone": 13812345678}
    )
    assert told == {"login": "l***@example.com", "inner": [{"pin": "***"}], "phone": "138****5678"}


def test_plain_values_stay_what_they_are() -> None:
    values = {"a": 1, "b": 2.5, "c": None, "d": True, "order_code": "out_of_stock", "error_code": "x"}
    assert redaction.value("fields", values) == values


def test_the_head_of_a_chain_is_told_whole_and_nothing_else_under_its_name() -> None:
    assert redaction.value("hash", "0a" * 32) == "0a" * 32
    assert redaction.value("hash", "lin@example.com") == "l***@example.com"


def test_a_long_value_is_cut() -> None:
    assert len(redaction.value("reason", "word " * 1000)) == redaction.LONGEST + 1


@given(some.sampled_from("3456789"), some.integers(0, 10**9 - 1), some.text(" ,:;=/\"'()[]{}\n", max_size=5))
def test_no_whole_mobile_number_survives(second: str, rest: int, around: str) -> None:
    phone = f"1{second}{rest:09d}"
    assert phone not in redaction.text(f"{around}{phone}{around}")
    assert phone not in json.dumps(redaction.value("reason", {"x": [f"{around} {phone}"]}))


@given(some.text("ab\\\"' \n", max_size=6), some.text("ab\\\"'", max_size=6), some.integers(0, 3))
def test_no_word_of_a_secret_survives_however_often_it_was_put_into_json(
    before: str, after: str, times: int
) -> None:
    told: object = {"x": "kept", "password": f"{before}hunter{after}two", "y": "kept too"}
    for _ in range(times + 1):
        told = json.dumps(told)
    said = redaction.text(str(told))
    assert "hunter" not in said
    assert "two" not in said
    assert "kept too" in said


def test_ids_of_ours_survive() -> None:
    for _ in range(200):
        own = ids.new_id("ord", MORNING)
        assert redaction.text(f"order {own} moved") == f"order {own} moved"


@pytest.mark.parametrize(
    "evil",
    ["password" * 1000, "_token" * 1300, "a" * 8000, "1" * 8000, '"' * 8000, "token='" + "\\'" * 4000, "a@" * 4000,
     "a." * 4000 + "@", "token" + "\\" * 8000, 'token=\\"' + "\\" * 8000, "+1 " * 2700, "+12" + " 3" * 4000,
     "86" * 4000, "input_value=" * 700, "eyJ" + "a." * 4000, "a-" * 4000],
)  # fmt: skip
def test_no_text_takes_long_to_clean(evil: str) -> None:
    began = time.perf_counter()
    redaction.text(evil)
    assert time.perf_counter() - began < 1
