"""Keys from Parameter Store and Secrets Manager; a rotation there is a rotation here, five minutes later."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.core.errors import Unavailable
from chalicelib.core.secret_settings import Misconfigured
from chalicelib.store import secrets
from tests.identity.people import KEY, forged, me, refresh, said
from tests.shop import Shop, configured

OLD, NEW = "t1:" + KEY.decode(), "t2:" + "n" * 40


@pytest.fixture(autouse=True)
def aws(moto_client: Any) -> Iterator[None]:
    secrets.forget()
    yield
    secrets.forget()


def put(name: str, value: str) -> None:
    secrets._client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def test_a_parameter_and_a_secret_are_read_in_plain() -> None:
    put("/souk/x", "of the parameter store")
    secrets._client("secretsmanager").create_secret(Name="souk/x", SecretString="of the secrets manager")
    assert secrets.parameter("/souk/x") == "of the parameter store"
    assert secrets.secret("souk/x") == "of the secrets manager"


@pytest.mark.parametrize("read", [secrets.parameter, secrets.secret])
def test_what_is_not_there_is_a_mistake_of_ours(read: Any) -> None:
    with pytest.raises(Misconfigured, match="'souk/nowhere' cannot be read"):
        read("souk/nowhere")


def test_an_outage_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def _make_api_call(self, *_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://ssm.example.com")

    monkeypatch.setattr(secrets, "_client", lambda service: Away())
    with pytest.raises(Unavailable):
        secrets.parameter("/souk/x")


def test_keys_rotate_without_a_deployment(shop: Shop) -> None:
    """Old key alone → the new one known → the new one signs → the old one gone: each step within five minutes."""
    put("/souk/keys", OLD)
    with configured(SOUK_JWT_KEYS="ssm:/souk/keys"):
        lin = shop.customer()
        put("/souk/keys", f"{NEW},{OLD}")
        shop.clock.advance(minutes=5)
        assert me(lin.access_token).status == 200, "a token of the old key is good"
        renewed = refresh(lin.refresh_token).json
        assert jwt.get_unverified_header(renewed["access_token"])["kid"] == "t2"
        put("/souk/keys", NEW)
        assert me(lin.access_token).status == 200, "remembered for five minutes"
        shop.clock.advance(minutes=5)
        assert said(me(forged(lin.access_token))) == (401, "token_signature")
        assert me(renewed["access_token"]).status == 200
