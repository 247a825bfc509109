"""The AWS account a command works in: who we are there, and clients for it.

Everything is found the way every AWS tool finds it (`AWS_PROFILE`, `AWS_REGION`, …). `AWS_ENDPOINT_URL` leads all of it
to an emulator: that is how the scripts are rehearsed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.package import gateway

_CONFIG = Config(
    connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 4, "mode": "standard"}, proxies=None
)


class NotReady(RuntimeError):
    """Something has to be set right before this can be done. The message says what, and how."""


@dataclass(slots=False)
class Account:
    id: str
    arn: str
    """Who we are there."""
    region: str
    session: boto3.Session = field(repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(service, config=_CONFIG)  # type: ignore[call-overload]
        return self._clients[service]

    @cached_property
    def endpoint(self) -> str:
        """An emulator's address; empty in a real account."""
        return os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")

    def object_url(self, bucket: str, key: str) -> str:
        """The address by which CloudFormation reads an object."""
        return f"{self.client('s3').meta.endpoint_url}/{bucket}/{key}"

    def api_url(self, outputs: dict[str, str]) -> str:
        """Where the stack's API answers."""
        if self.endpoint:
            return f"{self.endpoint}/restapis/{outputs['ApiId']}/{gateway.STAGE}/_user_request_"
        return outputs["ApiUrl"]


def open_account() -> Account:
    """Asks who we are. Raises NotReady without credentials or a region."""
    session = boto3.Session()
    if not session.region_name:
        raise NotReady(
            "no AWS region is set: say which with AWS_REGION=<region>, for example AWS_REGION=eu-central-1"
        )
    try:
        identity = session.client("sts", config=_CONFIG).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise NotReady(
            f"AWS does not know us ({error}): sign in with your organisation's method, or set AWS_PROFILE"
        ) from None
    return Account(str(identity["Account"]), str(identity["Arn"]), session.region_name, session)
