"""Acting as a stage from here: its first shop and the person who owns it, and the shape its data is brought into.

The first admin is made from here because no route could know whom to trust.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from infra.deploy import keys
from infra.deploy.account import Account


@contextlib.contextmanager
def acting_as(account: Account, stage: str, table: str, **more: str) -> Iterator[None]:
    """The shop's own code on the stage's table, inside the block. Raises NotReady without the stage's keys."""
    from chalicelib.core.settings import settings
    from chalicelib.migrations import fit
    from chalicelib.store import client

    values = keys.values(account, stage)
    kept = dict(os.environ)
    os.environ.update(
        {
            "SOUK_STAGE": stage,
            "SOUK_TABLE": table,
            "SOUK_JWT_KEYS": values["jwt-keys"],
            "SOUK_SECRET_KEYS": values["secret-keys"],
            # as in its functions: a stage called test is no developer's machine, and gets none of its passwords
            "AWS_LAMBDA_FUNCTION_NAME": f"souk-{stage}-operator",
            "AWS_REGION": account.region,
            "AWS_DEFAULT_REGION": account.region,
            **more,
        }
    )
    _forget(settings, client, fit)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        _forget(settings, client, fit)


def _forget(settings: object, *others: object) -> None:
    """The shop's code reads its settings, and makes its client, once."""
    settings.cache_clear()  # type: ignore[attr-defined]
    for one in others:
        one.forget()  # type: ignore[attr-defined]


def first_admin(account: Account, stage: str, table: str, login: str, password: str) -> None:
    """Make tenant `default` and its first admin, unless they are there. Safe to run again.

    Raises NotReady, Misconfigured.
    """
    with acting_as(account, stage, table, SOUK_ADMIN_LOGIN=login, SOUK_ADMIN_PASSWORD=password):
        from chalicelib.identity import bootstrap

        bootstrap.ensure_first_admin()


def misfit(account: Account, stage: str, table: str) -> str:
    """What in the table this release cannot read; empty where they go together."""
    with acting_as(account, stage, table):
        from chalicelib.migrations import book, fit

        ahead = fit.of(book.read()).ahead
    return ", ".join(map(str, ahead))


def bring_up(account: Account, stage: str, table: str) -> bool:
    """Bring what is stored into the shape this release writes. Answers whether all of it is."""
    with acting_as(account, stage, table):
        from infra.tools import migrate

        return migrate.up("deployment", tell=False) == 0
