"""Signing in: right, wrong, unknown, too often, disabled."""

from typing import Any

import argon2
import pytest

from chalicelib.core.context import Context
from chalicelib.core.settings import settings
from chalicelib.identity import passwords
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import update
from tests.faults import losing_answers
from tests.identity.people import PASSWORD, log_in, me, register, said
from tests.jobs import of_kind
from tests.shop import Shop
from tests.unchanged import nothing_changes, store_calls

WRONG = "not the password"


@pytest.fixture
def lin(shop: Shop) -> str:
    """The id of somebody who may sign in as `lin`."""
    return str(register(username="lin", email="lin@example.com").json["user"]["id"])


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password hash that is computed, by what for."""
    done: list[str] = []
    for name in ("hash", "verify"):
        real = getattr(argon2.PasswordHasher, name)

        def spied(self: Any, *args: Any, _name: str = name, _real: Any = real, **kw: Any) -> Any:
            done.append(_name)
            return _real(self, *args, **kw)

        monkeypatch.setattr(argon2.PasswordHasher, name, spied)
    return done


@pytest.mark.ledger("S0-016", "S1-007", "S4-049")
def test_the_right_password_opens_a_session(lin: str) -> None:
    answer = log_in("lin")
    assert answer.status == 200
    assert answer.json["user"]["id"] == lin
    assert set(answer.json) == {"user", "access_token", "refresh_token", "expires_in"}
    assert me(answer.json["access_token"]).json["id"] == lin


def test_an_unknown_login_and_a_wrong_password_cannot_be_told_apart(lin: str, hashing: list[str]) -> None:
    with nothing_changes(), store_calls() as for_wrong:
        wrong = log_in("lin", "not the password")
    with nothing_changes(), store_calls() as for_unknown:
        unknown = log_in("nobody", "not the password")
    assert said(wrong) == said(unknown) == (401, "credentials_invalid")
    strip = {"request_id": ""}
    assert wrong.json | strip == unknown.json | strip
    assert for_wrong == for_unknown
    assert hashing == ["verify", "hash"]


@pytest.mark.parametrize(
    "login", ["lin#x", "x#LOGIN", "#", "\u0000", "a\nb", "lin@example.com#", "🙂", "../../lin", " "]
)
def test_a_login_nobody_can_have_is_only_wrong(lin: str, login: str, hashing: list[str]) -> None:
    with nothing_changes():
        assert said(log_in(login)) == (401, "credentials_invalid")
    assert hashing == ["hash"]


@pytest.mark.parametrize(
    ("login", "password", "field"),
    [
        ("lin", "x" * 300, "password"),
        ("lin", "", "password"),
        ("", PASSWORD, "login"),
        ("l" * 255, PASSWORD, "login"),
        (None, PASSWORD, "login"),
        ({"S": "lin"}, PASSWORD, "login"),
        ("lin", 12345678, "password"),
    ],
)
def test_a_field_of_the_wrong_form_is_named(lin: str, login: Any, password: Any, field: str) -> None:
    with nothing_changes():
        answer = log_in(login, password)
    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.ledger("S2-013")
def test_after_five_tries_even_the_right_password_has_to_wait(
    lin: str, shop: Shop, hashing: list[str]
) -> None:
    for _ in range(5):
        assert log_in("lin", WRONG, ip="198.51.100.9").status == 401
    with nothing_changes():
        answer = log_in("LIN ", ip="198.51.100.9")
    assert said(answer) == (429, "rate_limited")
    assert answer.headers["retry-after"] == "30"
    assert len(hashing) == 5
    assert log_in("lin", ip="198.51.100.10").status == 200, "nobody is locked out from elsewhere"
    shop.clock.advance(seconds=29.5)
    assert log_in("lin", ip="198.51.100.9").headers["retry-after"] == "1"
    shop.clock.advance(seconds=0.5)
    assert log_in("lin", ip="198.51.100.9").status == 200


def test_each_wrong_password_after_the_fifth_waits_twice_as_long_up_to_a_quarter_of_an_hour(
    lin: str, shop: Shop
) -> None:
    for _ in range(5):
        log_in("lin", WRONG)
    waits = []
    for _ in range(7):
        waits.append(int(log_in("lin", WRONG).headers["retry-after"]))
        shop.clock.advance(seconds=waits[-1])
        assert log_in("lin", WRONG).status == 401, "the one try that the wait lets through"
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_the_right_password_and_an_hour_of_peace_both_end_the_waiting(lin: str, shop: Shop) -> None:
    for _ in range(5):
        log_in("lin", WRONG)
    shop.clock.advance(seconds=30)
    assert log_in("lin").status == 200
    assert [log_in("lin", WRONG).status for _ in range(6)] == [401] * 5 + [429]
    shop.clock.advance(hours=1)
    assert [log_in("lin", WRONG).status for _ in range(6)] == [401] * 5 + [429]


def test_a_try_whose_counting_was_lost_on_the_way_back_is_let_through(lin: str) -> None:
    with losing_answers("UpdateItem", times=2):
        assert log_in("lin").status == 200


def test_a_password_changed_while_the_old_one_was_looked_at_opens_nothing(
    lin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = passwords.matches

    def slow(known: str, given: str) -> bool:
        update(User, user_ref("default", lin), set={"password_hash": passwords.hashed("a new password")})
        return real(known, given)

    monkeypatch.setattr(passwords, "matches", slow)
    assert said(log_in("lin")) == (401, "credentials_invalid")
    assert len(of_kind("session")) == 1, "the one of registering"


def test_an_account_disabled_while_its_password_was_looked_at_opens_nothing(
    lin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = passwords.matches

    def slow(known: str, given: str) -> bool:
        disable(lin)
        return real(known, given)

    monkeypatch.setattr(passwords, "matches", slow)
    assert said(log_in("lin")) == (403, "account_disabled")


@pytest.mark.ledger("S4-017")
def test_a_sign_in_is_remembered_on_the_account(lin: str, shop: Shop) -> None:
    shop.clock.advance(hours=2)
    log_in("lin")
    (user,) = [item for item in of_kind("user") if item["user_id"]["S"] == lin]
    assert user["last_seen_at"]["S"] == "2036-03-02T03:00:00.000Z"


def test_signing_in_rightly_is_never_too_often(lin: str) -> None:
    assert [log_in("lin", ip=f"198.51.100.{n}").status for n in range(3) for _ in range(12)] == [200] * 36


def test_one_address_tries_thirty_times_in_five_minutes(lin: str) -> None:
    statuses = [log_in(f"guess{n}").status for n in range(31)]
    assert statuses == [401] * 30 + [429]
    assert log_in("lin", ip="203.0.113.8").status == 200


def disable(user_id: str) -> None:
    update(User, user_ref("default", user_id), set={"status": "disabled"})


@pytest.mark.ledger("S0-001")
def test_a_disabled_account_is_told_so_only_for_the_right_password(lin: str) -> None:
    disable(lin)
    with nothing_changes():
        assert said(log_in("lin", "not the password")) == (401, "credentials_invalid")
        assert said(log_in("lin")) == (403, "account_disabled")


def test_a_hash_of_older_parameters_is_renewed_by_signing_in(
    lin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOUK_PASSWORD_MEMORY_KIB", "128")
    settings.cache_clear()
    passwords._hasher.cache_clear()
    try:
        assert log_in("lin").status == 200
        (kept,) = [item["password_hash"]["S"] for item in of_kind("user") if item["user_id"]["S"] == lin]
        assert "m=128," in kept
        assert log_in("lin").status == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        passwords._hasher.cache_clear()


def test_another_shop_does_not_know_the_login(lin: str) -> None:
    from chalicelib.identity import signing_in
    from chalicelib.tenants import service as tenants

    tenants.ensure("other", "Other")
    with pytest.raises(signing_in.CredentialsInvalid):
        signing_in.sign_in(Context(tenant="other"), "lin", PASSWORD)


def test_signing_in_makes_seven_store_calls(lin: str) -> None:
    with store_calls() as calls:
        log_in("lin")
    assert calls == [*["UpdateItem"] * 3, "GetItem", "GetItem", "TransactWriteItems", "UpdateItem"]
