"""Secrets where AWS keeps them: `ssm:` names a SecureString of Parameter Store, `secret:` one of Secrets Manager.

Registered when the store is imported, as every function does; the clients are made on first use.
"""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breakers, secret_settings
from chalicelib.core.breakers import ProviderResting
from chalicelib.core.errors import Unavailable
from chalicelib.core.secret_settings import Misconfigured
from chalicelib.store.client import error_code
from chalicelib.store.outages import is_outage

_NOT_OURS_TO_READ = frozenset(
    {"ParameterNotFound", "ResourceNotFoundException", "AccessDeniedException", "ValidationException"}
)
"""Waiting would not help: somebody has to set it right."""


@cache
def _client(service: str) -> Any:
    return botocore.session.get_session().create_client(
        service,
        config=Config(
            connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 3, "mode": "standard"}
        ),
    )


def forget() -> None:
    """Drop the clients: a test moved to another engine."""
    _client.cache_clear()


def parameter(name: str) -> str:
    """Raises Misconfigured (there is none, or it may not be read), Unavailable."""
    answer = _asked("ssm", "GetParameter", name, Name=name, WithDecryption=True)
    return str(answer["Parameter"]["Value"])


def secret(name: str) -> str:
    """Raises Misconfigured (there is none, or it may not be read), Unavailable."""
    answer = _asked("secretsmanager", "GetSecretValue", name, SecretId=name)
    return str(answer["SecretString"])


def _asked(service: str, operation: str, name: str, **parameters: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = breakers.of(service).call(
            lambda: _client(service)._make_api_call(operation, parameters), is_outage=is_outage
        )
    except ProviderResting as resting:
        raise Unavailable(retry_after=resting.retry_after) from None
    except ClientError as error:
        if error_code(error) in _NOT_OURS_TO_READ:
            raise Misconfigured(f"{service} {name!r} cannot be read: {error_code(error)}") from None
        raise Unavailable(retry_after=2) from error
    except BotoCoreError as error:
        raise Unavailable(retry_after=2) from error
    return answer


def register() -> None:
    secret_settings.register("ssm", parameter)
    secret_settings.register("secret", secret)
