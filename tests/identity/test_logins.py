"""Logins: many spellings, one key, and no text that could reach another key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity import logins
from chalicelib.identity.logins import Login
from chalicelib.store.keys import part


@pytest.mark.parametrize(
    ("typed", "kind", "kept"),
    [
        ("Lin@Example.com", "email", "lin@example.com"),
        ("lin+shop@mail.example.co", "email", "lin+shop@mail.example.co"),
        ("138 0000 0000", "phone", "13800000000"),
        ("+86 (138) 0000-0000", "phone", "+8613800000000"),
        ("LIN_w", "username", "lin_w"),
        ("\u212aelvin", "username", "kelvin"),
    ],
)
def test_a_login_is_kept_in_one_spelling(typed: str, kind: str, kept: str) -> None:
    assert logins.read(typed) == Login(kind, kept)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a#b",
        "lin@",
        "@example.com",
        "a@b",
        "1234",
        "12345678901234567",
        "+",
        "9lin",
        "l",
        "a b c",
        "линь",
    ],
)
def test_what_can_be_nobodys_login_is_none(typed: str) -> None:
    assert logins.read(typed) is None


@given(st.text(max_size=300) | st.from_regex(r"[A-Za-z0-9._#+@ -]{1,60}", fullmatch=True))
def test_whatever_is_typed_the_key_holds_and_normalising_again_changes_nothing(typed: str) -> None:
    login = logins.read(typed)
    if login is not None:
        assert part(login.text) == login.text
        assert logins.read(login.text) == login
