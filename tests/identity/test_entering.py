"""Signing in by phone and through WeChat: who is new is registered, who is known comes home."""

from typing import Any

import pytest

from chalicelib.core.context import system
from chalicelib.identity import accounts, entering
from chalicelib.identity.entities import User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.store import get, transaction, update
from infra.local.wechat import APP_ID, APP_SECRET
from tests.identity.people import (
    PHONE,
    asked_for,
    by_phone,
    by_wechat,
    log_in,
    me,
    register,
    said,
    wechat_here,
)
from tests.jobs import every_item, of_kind
from tests.shop import Shop, configured
from tests.unchanged import nothing_changes, store_calls


@pytest.mark.ledger("S4-048", "S1-007", "S4-018")
def test_who_is_new_is_registered_by_their_phone_and_comes_home_by_it(shop: Shop) -> None:
    first = by_phone("138 0000 0001", asked_for(PHONE, "sign_in"))
    assert first.status == 200
    assert set(first.json) == {"user", "access_token", "refresh_token", "expires_in"}
    assert first.json["user"]["phone"] == PHONE
    assert me(first.json["access_token"]).json["id"] == first.json["user"]["id"]
    second = by_phone(PHONE, asked_for(PHONE, "sign_in"))
    assert second.json["user"]["id"] == first.json["user"]["id"]


def test_a_phone_registered_with_a_password_opens_that_account_which_has_none_from_then_on(
    shop: Shop,
) -> None:
    lin = register(phone=PHONE, name="Lin").json["user"]
    answer = by_phone(PHONE, asked_for(PHONE, "sign_in"))
    assert answer.json["user"] == lin
    assert said(log_in(PHONE)) == (401, "credentials_invalid")
    (user,) = [item for item in of_kind("user") if item["user_id"]["S"] == lin["id"]]
    assert user["phone_verified_at"]


def test_an_account_by_phone_alone_has_no_password_to_guess(shop: Shop) -> None:
    by_phone(PHONE, asked_for(PHONE, "sign_in"))
    assert said(log_in(PHONE, "anything at all")) == (401, "credentials_invalid")


def test_a_disabled_account_opens_for_no_code(shop: Shop) -> None:
    lin = register(phone=PHONE).json["user"]["id"]
    update(User, user_ref("default", lin), set={"status": "disabled"})
    code = asked_for(PHONE, "sign_in")
    assert said(by_phone(PHONE, code)) == (403, "account_disabled")
    assert len(of_kind("session")) == 1, "the one of registering"


def test_what_is_no_phone_is_named(shop: Shop) -> None:
    with nothing_changes():
        assert by_phone("lin@example.com", "123456").status == 422


def test_signing_in_by_phone_makes_five_store_calls(shop: Shop) -> None:
    by_phone(PHONE, asked_for(PHONE, "sign_in"))
    code = asked_for(PHONE, "sign_in")
    with store_calls() as calls:
        by_phone(PHONE, code)
    assert calls == ["UpdateItem", "UpdateItem", "BatchGetItem", "GetItem", "TransactWriteItems"]


@pytest.mark.ledger("S4-047", "S4-018")
def test_a_wechat_account_is_registered_once_and_comes_home(shop: Shop) -> None:
    with wechat_here() as wechat:
        first, second, other = by_wechat("code-lin"), by_wechat("code-lin"), by_wechat("code-wei")
    assert first.status == second.status == 200
    assert first.json["user"]["id"] == second.json["user"]["id"] != other.json["user"]["id"]
    assert me(first.json["access_token"]).status == 200
    assert wechat.asked == ["/sns/jscode2session"] * 3
    bound = {item["login_kind"]["S"] for item in of_kind("login")}
    assert {"wechat_openid", "wechat_unionid"} <= bound


def test_one_person_in_two_of_the_shops_wechat_apps_is_one_account(shop: Shop) -> None:
    with wechat_here():
        first, second = by_wechat("code-lin"), by_wechat("code-lin@official")
    assert first.json["user"]["id"] == second.json["user"]["id"]


def test_two_accounts_of_one_wechat_person_stay_two_and_the_mini_programs_own_opens(shop: Shop) -> None:
    """As after each of them came from an app of its own, before the apps were joined."""
    with wechat_here() as wechat:
        openid = wechat._session(told_of("code-lin"))["openid"]
        other = by_wechat("code-lin@official").json["user"]["id"]
        mine = register(username="lin").json["user"]["id"]
        ctx = system("default")
        with transaction(ctx) as tx:
            user = get(User, user_ref("default", mine))
            assert user is not None
            accounts.bind(tx, user, [Login("wechat_openid", openid)])
        answer = by_wechat("code-lin")
    assert (answer.status, answer.json["user"]["id"]) == (200, mine)
    assert mine != other


def told_of(code: str) -> dict[str, str]:
    return {"js_code": code, "appid": APP_ID, "secret": APP_SECRET}


def test_an_account_that_goes_at_this_moment_is_looked_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The binding was read before the account was closed: the next look finds none, and opens a new one."""
    lin = by_phone(PHONE, asked_for(PHONE, "sign_in")).json["user"]["id"]
    code = asked_for(PHONE, "sign_in")
    user = get(User, user_ref("default", lin))
    assert user is not None

    def closing(of: Any, ref: Any) -> Any:
        monkeypatch.setattr(entering, "get", get)
        with transaction(system("default")) as tx:
            accounts.close(tx, user)
        return get(of, ref)

    monkeypatch.setattr(entering, "get", closing)
    answer = by_phone(PHONE, code)
    assert answer.status == 200
    assert answer.json["user"]["id"] != lin


def test_a_wrong_code_costs_the_same_whether_or_not_the_phone_is_anybodys(shop: Shop) -> None:
    register(phone=PHONE)
    with store_calls() as for_somebody:
        by_phone(PHONE, "000000")
    with store_calls() as for_nobody:
        by_phone("13900000000", "000000")
    assert for_somebody == for_nobody


def test_a_session_key_of_wechat_is_not_kept(shop: Shop) -> None:
    with wechat_here() as wechat:
        by_wechat("code-lin")
        told = wechat._session(told_of("code-lin"))
    table = str(every_item())
    assert told["openid"] in table
    assert told["session_key"] not in table


@pytest.mark.ledger("S4-047")
@pytest.mark.parametrize("code", ["invalid", "used"])
def test_a_code_that_wechat_does_not_know_is_refused(shop: Shop, code: str) -> None:
    with wechat_here(), nothing_changes():
        assert said(by_wechat(code)) == (401, "wechat_code_invalid")


@pytest.mark.parametrize("code", ["busy", "often"])
def test_a_wechat_that_is_busy_is_told_as_such(shop: Shop, code: str) -> None:
    with wechat_here(), nothing_changes():
        answer = by_wechat(code)
    assert said(answer) == (503, "wechat_busy")
    assert answer.headers["retry-after"] == "5"


def test_a_wechat_that_is_away_or_talks_nonsense_is_told_as_busy(shop: Shop) -> None:
    with wechat_here() as wechat:
        wechat.down = True
        assert said(by_wechat("code-lin")) == (503, "wechat_busy")
    with configured(WECHAT_API_BASE="http://127.0.0.1:9", WECHAT_MINI_APP_ID="x", WECHAT_MINI_APP_SECRET="y"):
        assert said(by_wechat("code-lin")) == (503, "wechat_busy")


def test_a_shop_without_a_mini_program_says_so(shop: Shop) -> None:
    with nothing_changes():
        assert said(by_wechat("code-lin")) == (503, "wechat_off")


@pytest.mark.parametrize("code", ["", "a b", "é", "x" * 129, "a\n"])
def test_what_can_be_no_code_of_wechat_is_not_asked_about(shop: Shop, code: str) -> None:
    with wechat_here() as wechat, nothing_changes():
        assert by_wechat(code).status == 422
    assert wechat.asked == []


def test_a_disabled_wechat_account_stays_out(shop: Shop) -> None:
    with wechat_here():
        lin = by_wechat("code-lin").json["user"]["id"]
        update(User, user_ref("default", lin), set={"status": "disabled"})
        with nothing_changes():
            assert said(by_wechat("code-lin")) == (403, "account_disabled")
