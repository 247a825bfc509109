"""The first shop of a stage and the person who owns it: done from here, because no route could know whom to trust."""

from __future__ import annotations

import os
from collections.abc import Mapping

from infra.deploy import keys, stages
from infra.deploy.account import Account, NotReady
from infra.deploy.stack import Stack


def first_admin(account: Account, stage: str, login: str, password: str) -> None:
    """Make tenant `default` and its first admin, unless they are there. Safe to run again.

    Runs the shop's own code on the stage's table. Raises NotReady, Misconfigured.
    """
    table = Stack(account, stages.stack_name(stage)).outputs().get("TableName")
    if not table:
        raise NotReady(f"stage {stage} is not deployed yet: make deploy STAGE={stage}")
    values = keys.values(account, stage)
    _act_as_the_stage(
        {
            "SOUK_STAGE": stage,
            "SOUK_TABLE": table,
            "SOUK_JWT_KEYS": values["jwt-keys"],
            "SOUK_SECRET_KEYS": values["secret-keys"],
            "SOUK_ADMIN_LOGIN": login,
            "SOUK_ADMIN_PASSWORD": password,
            "AWS_REGION": account.region,
            "AWS_DEFAULT_REGION": account.region,
        }
    )
    from chalicelib.identity import bootstrap

    bootstrap.ensure_first_admin()


def _act_as_the_stage(env: Mapping[str, str]) -> None:
    """The shop's code reads its settings once, from the environment."""
    from chalicelib.core.settings import settings
    from chalicelib.store import client

    os.environ.update(env)
    settings.cache_clear()
    client.forget()
