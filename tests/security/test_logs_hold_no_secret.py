"""Whole flows, and faults in their middle, while every line of every logger is kept: no secret is in any of them."""

import io
import logging
from collections.abc import Iterator

import pytest

from chalicelib.core import log
from tests.identity.people import PASSWORD, log_in, log_out, me, refresh, register
from tests.payments.test_paying import attempt, forged, pay, webhook
from tests.shop import Person, Shop, send

PHONE = "13812345678"
EMAIL = "lin.wei@mail.example.com"


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """Our own lines from DEBUG on, and those of all libraries that a deployed stage would print."""
    import app

    assert app.app, "its first import sets the log up"
    stream = io.StringIO()
    log.set_up("DEBUG", stream)
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    caplog.set_level(logging.INFO)
    yield stream
    root.removeHandler(handler)
    log.set_up("ERROR")


def assert_silent(stream: io.StringIO, *secrets: str) -> None:
    text = stream.getvalue()
    assert '"event":"request"' in text, "nothing was logged at all"
    assert [secret for secret in secrets if secret and secret in text] == []


def test_registering_signing_in_refreshing_and_signing_out(shop: Shop, everything: io.StringIO) -> None:
    made = register(phone=PHONE, email=EMAIL).json
    again = log_in(PHONE).json
    log_in(EMAIL, "a wrong password of mine", ip="198.51.100.3")
    fresh = refresh(again["refresh_token"]).json
    refresh(again["refresh_token"])
    me(fresh["access_token"])
    me(fresh["access_token"] + "x")
    send("GET", f"/v1/me?access_token={fresh['access_token']}&phone={PHONE}")
    log_out(fresh["refresh_token"])
    tokens = [one[name] for one in (made, again, fresh) for name in ("access_token", "refresh_token")]
    assert_silent(everything, PASSWORD, "a wrong password", PHONE, EMAIL, *tokens)
    assert_silent(everything, *(token.rpartition(".")[2] for token in tokens))


def test_ordering_paying_and_being_called_back(shop: Shop, everything: io.StringIO) -> None:
    lin, sku = shop.customer(), shop.sku(kind="card_key", stock=2)
    order = lin.post("/v1/orders", {"items": [{"sku_id": sku, "quantity": 1}], "note": f"call {PHONE}"}).json
    pay(lin, order["id"])
    delivered = lin.get(f"/v1/me/deliveries/{order['id']}").text
    assert "KEY-" in delivered
    other = shop.order(lin, shop.sku())
    callback = forged(attempt(lin, other["id"]), amount={"amount": 1, "currency": "CNY"})
    webhook(callback)
    signature = next(value for name, value in callback.headers.items() if "signature" in name)
    keys = [f"KEY-{sku[-6:]}-{n:04d}" for n in range(2)]
    assert_silent(
        everything, *keys, signature, signature.rpartition("=")[2], PHONE, "13800000000", lin.access_token
    )


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault whose own words hold all that they should not."""

    def fail(ctx: object, login: str, password: str) -> None:
        told = {"login": login, "password": password, "phone": PHONE, "refresh_token": "rt-very-secret"}
        raise RuntimeError(f"cannot sign in {told}: Authorization: Bearer abcdefghijk, mail {EMAIL}")

    monkeypatch.setattr("chalicelib.identity.signing_in.sign_in", fail)


def test_a_fault_that_repeats_what_it_was_given(shop: Shop, everything: io.StringIO, broken: None) -> None:
    assert log_in(EMAIL, "my one true password").status == 500
    assert "RuntimeError: cannot sign in" in everything.getvalue(), "the traceback itself is kept"
    assert_silent(everything, "my one true", "true password", PHONE, EMAIL, "rt-very-secret", "abcdefghijk")


def test_a_fault_of_pydantic_that_shows_its_input(shop: Shop, everything: io.StringIO) -> None:
    from chalicelib.identity.schemas import SignIn

    try:
        SignIn.model_validate({"login": "lin", "password": ["hunter2 in a list"]})
    except ValueError:
        log.error("unexpected")
    send("GET", "/v1/health")
    assert "string_type" in everything.getvalue()
    assert_silent(everything, "hunter2")


def test_what_staff_do_with_secrets(shop: Shop, everything: io.StringIO) -> None:
    sku = shop.sku(kind="card_key", stock=0)
    shop.admin.post("/v1/admin/card-keys", {"sku_id": sku, "keys": ["SECRET-KEY-0001"]})
    shop.admin.post("/v1/admin/card-keys", {"sku_id": sku, "keys": [{"SECRET-KEY-0002": 1}]})
    admin: Person = shop.admin
    assert_silent(everything, "SECRET-KEY", "souk-local-admin", admin.access_token, admin.refresh_token)
