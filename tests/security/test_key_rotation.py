"""Keys are exchanged while the shop is open: no process that is a moment behind turns anybody away."""

import base64
from collections.abc import Iterator

import pytest

from chalicelib.core import sealing, secret_settings
from chalicelib.core.settings import Misconfigured, settings
from tests.identity.people import me, refresh
from tests.shop import Person, Shop, configured

OLD, NEW = "old:" + "o" * 40, "new:" + "n" * 40
SEALING_OLD, SEALING_NEW = (
    f"{kid}:" + base64.urlsafe_b64encode(kid.encode() * 11).decode() for kid in ("old", "new")
)


class Vault:
    """Parameter Store, as it is now."""

    def __init__(self) -> None:
        self.kept = {"/jwt": OLD, "/secrets": SEALING_OLD}
        self.asked = 0

    def __call__(self, name: str) -> str:
        self.asked += 1
        return self.kept[name]

    def rotate(self) -> None:
        self.kept = {"/jwt": f"{NEW},{OLD}", "/secrets": f"{SEALING_NEW},{SEALING_OLD}"}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    kept = Vault()
    monkeypatch.setitem(secret_settings._readers, "ssm", kept)
    return kept


@pytest.fixture
def behind(vault: Vault, shop: Shop) -> Iterator[Person]:
    """This process read its keys half a minute before they were exchanged; somebody signed in at another since."""
    with configured(SOUK_JWT_KEYS=f"{NEW},{OLD}"):
        person = shop.customer()
    with configured(SOUK_JWT_KEYS="ssm:/jwt", SOUK_SECRET_KEYS="ssm:/secrets"):
        assert [settings().jwt_keys[0][0], settings().secret_keys[0][0]] == ["old", "old"]
        shop.clock.advance(seconds=30)
        vault.rotate()
        yield person


def test_a_token_of_the_new_key_is_good_where_the_old_one_is_still_in_use(behind: Person) -> None:
    assert me(behind.access_token).status == 200


def test_a_refresh_token_of_the_new_key_signs_nobody_out(behind: Person) -> None:
    assert refresh(behind.refresh_token).status == 200


def test_a_token_of_the_old_key_is_good_after_the_exchange(vault: Vault, shop: Shop) -> None:
    with configured(SOUK_JWT_KEYS="ssm:/jwt"):
        lin = shop.customer()
        vault.rotate()
        shop.clock.advance(minutes=5)
        assert me(lin.access_token).status == refresh(lin.refresh_token).status == 200
        assert settings().jwt_keys[0][0] == "new"
        vault.kept["/jwt"] = NEW
        shop.clock.advance(minutes=5)
        assert me(lin.access_token).code == "token_signature", "the old key is dead once it is taken away"


def test_what_was_sealed_with_the_new_key_opens(behind: Person) -> None:
    with configured(SOUK_SECRET_KEYS=f"{SEALING_NEW},{SEALING_OLD}"):
        sealed = sealing.seal("a card key", "here")
    assert sealing.unseal(sealed, "here") == "a card key"
    with configured(SOUK_SECRET_KEYS="other:" + "A" * 43):
        foreign = sealing.seal("a card key", "here")
    with pytest.raises(Misconfigured, match="does not hold key 'other'"):
        sealing.unseal(foreign, "here")


def test_made_up_keys_do_not_make_us_ask_for_ours(behind: Person, vault: Vault, shop: Shop) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"made-up"}').decode().rstrip("=")
    asked = vault.asked
    answers = [me(f"{head}.e30.AAAA") for _ in range(50)]
    assert {answer.code for answer in answers} == {"token_signature"}
    assert vault.asked <= asked + 1
