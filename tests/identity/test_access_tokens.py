"""Access tokens under attack: each way a token can be wrong has its own code, and none is believed."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core.settings import settings
from chalicelib.tenants import service as tenants
from tests.identity.people import KEY, claims_of, forged, me, refresh, said, with_header
from tests.shop import Person, Shop, send
from tests.unchanged import nothing_changes

OTHER_KEY = b"x" * 40


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.customer("Lin")


def test_a_token_says_who_and_which_session_and_not_what_they_may(shop: Shop, lin: Person) -> None:
    claims = claims_of(lin.access_token)
    assert claims == claims | {"iss": "souk", "aud": "souk-api", "sub": lin.id, "tid": "default"}
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert "roles" not in claims
    assert claims_of(shop.admin.access_token)["staff"] is True


@pytest.mark.ledger("S0-019")
def test_without_a_token_one_has_to_sign_in(lin: Person) -> None:
    assert said(send("GET", "/v1/me")) == (401, "unauthenticated")
    for scheme in ("Basic bGluOnNlY3JldA==", "Bearer", "Bearer ", lin.access_token):
        assert said(send("GET", "/v1/me", headers={"authorization": scheme})) == (401, "unauthenticated")


@pytest.mark.ledger("S0-019")
def test_a_token_ends_after_fifteen_minutes_by_our_clock(lin: Person, shop: Shop) -> None:
    shop.clock.advance(minutes=14, seconds=59)
    assert me(lin.access_token).status == 200
    shop.clock.advance(seconds=1)
    answer = me(lin.access_token)
    assert said(answer) == (401, "token_expired")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def unsigned(token: str, alg: str) -> str:
    return with_header(token, {"alg": alg, "kid": "t1", "typ": "JWT"}).rpartition(".")[0] + "."


def with_last_byte_changed(token: str) -> str:
    head, body, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    raw[-1] ^= 1
    return ".".join((head, body, base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")))


def with_other_body(token: str, **claims: Any) -> str:
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps({**claims_of(token), **claims}).encode()).decode().rstrip("=")
    return ".".join((head, body, signature))


@pytest.mark.ledger("S0-019")
@pytest.mark.parametrize(
    "attack",
    [
        lambda token: unsigned(token, "none"),
        lambda token: unsigned(token, "None"),
        lambda token: unsigned(token, "HS256"),
        lambda token: forged(token, key=OTHER_KEY),
        lambda token: forged(token, key=KEY * 2, alg="HS512"),
        lambda token: with_header(token, {"alg": "RS256", "kid": "t1"}),
        lambda token: with_header(token, {"alg": "HS256", "kid": "t1", "extra": 1}),
        with_last_byte_changed,
        lambda token: with_other_body(token, sub="usr_01KJ0000000000000000000000"),
        lambda token: with_other_body(token, staff=True),
        lambda token: forged(token, key=OTHER_KEY, header={"kid": "../../../../dev/null"}),
        lambda token: forged(token, key=b"\x00" * 32, header={"kid": "/dev/null"}),
        lambda token: forged(token, key=OTHER_KEY, header={"kid": "https://evil.example/key.json"}),
        lambda token: forged(token, header={"kid": "t2"}),
        lambda token: forged(token, header={"kid": ""}),
        lambda token: forged(token, header={}),
    ],
)
def test_a_token_that_we_did_not_sign_is_refused(lin: Person, attack: Any) -> None:
    with nothing_changes():
        assert said(me(attack(lin.access_token))) == (401, "token_signature")


@pytest.mark.ledger("S0-019")
@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-api"},
        {"aud": ["souk-api", "another-api"]},
        {"iss": "someone"},
    ],
)
def test_a_token_for_another_service_is_refused(lin: Person, claims: dict[str, Any]) -> None:
    assert said(me(forged(lin.access_token, **claims))) == (401, "token_audience")


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "tid", "sid", "iat", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(lin: Person, claim: str) -> None:
    without: dict[str, Any] = {claim: None}
    assert said(me(forged(lin.access_token, **without))) == (401, "token_malformed")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "usr_01KJ0000000000000000000000#SESSION"},
        {"sub": "#"},
        {"sub": ""},
        {"sub": "../.."},
        {"tid": "default#USER"},
        {"tid": ""},
        {"tid": 7},
        {"tid": ["default"]},
        {"sid": "ses_1"},
        {"sid": {"S": "x"}},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e18},
        {"iat": "now"},
    ],
)
def test_a_claim_of_the_wrong_form_is_malformed_even_under_our_key(
    lin: Person, claims: dict[str, Any]
) -> None:
    assert said(me(forged(lin.access_token, **claims))) == (401, "token_malformed")


@pytest.mark.parametrize(
    "garbage",
    [
        "x",
        "..",
        "a.b.c",
        "....",
        "é.é.é",
        "null",
        "{}",
        "A" * 5000,
        "%00",
        "🙂",
        "W10.W10.W10",
    ],
)
def test_garbage_is_malformed(shop: Shop, garbage: str) -> None:
    assert said(me(garbage)) == (401, "token_malformed")


def test_json_nested_without_end_is_malformed(lin: Person) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("=")
    assert said(me(f"{deep}.e30.x")) == (401, "token_malformed")


def test_a_token_from_a_clock_that_runs_a_little_ahead_is_good(lin: Person) -> None:
    now = claims_of(lin.access_token)["iat"]
    assert me(forged(lin.access_token, iat=now + 30)).status == 200
    assert said(me(forged(lin.access_token, iat=now + 31))) == (401, "token_expired")


def test_a_token_of_one_shop_does_not_open_another(lin: Person) -> None:
    assert said(me(forged(lin.access_token, tid="other"))) == (404, "tenant_unknown")
    tenants.ensure("other", "Other")
    with nothing_changes():
        assert said(me(forged(lin.access_token, tid="other"))) == (401, "session_revoked")


def test_a_token_of_one_person_does_not_open_anothers_session(lin: Person, shop: Shop) -> None:
    wei = shop.customer("Wei")
    stolen = forged(lin.access_token, sub=wei.id)
    assert said(me(stolen)) == (401, "session_revoked")


def test_the_token_chooses_the_shop_and_not_the_header(lin: Person) -> None:
    tenants.ensure("other", "Other")
    assert send("GET", "/v1/me", token=lin.access_token, headers={"x-tenant": "other"}).json["id"] == lin.id


@pytest.fixture
def rotated(lin: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """Lin's token was signed with `t1`; now `t2` signs and `t1` is still live."""
    monkeypatch.setenv("SOUK_JWT_KEYS", "t2:" + "n" * 40 + ",t1:" + KEY.decode())
    settings.cache_clear()
    yield lin
    monkeypatch.undo()
    settings.cache_clear()


def test_a_new_key_signs_while_tokens_of_the_old_one_are_good(rotated: Person) -> None:
    import jwt

    assert me(rotated.access_token).status == 200
    renewed = refresh(rotated.refresh_token).json["access_token"]
    assert jwt.get_unverified_header(renewed)["kid"] == "t2"
    assert me(renewed).status == 200


def test_a_retired_key_opens_nothing(rotated: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_JWT_KEYS", "t2:" + "n" * 40)
    settings.cache_clear()
    assert said(me(rotated.access_token)) == (401, "token_signature")
