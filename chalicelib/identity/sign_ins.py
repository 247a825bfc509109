"""The record of sign-ins, those that failed too: for the person to look through, and for staff to look into.

Unlike what staff do it is not chained: it shows what happened lately and goes by itself.
"""

from contextlib import suppress
from datetime import timedelta

from chalicelib.core import sealing
from chalicelib.core.context import Context
from chalicelib.core.errors import SoukError, Unavailable
from chalicelib.identity.entities import SignInRecord, User, Way
from chalicelib.identity.logins import Login
from chalicelib.store import Page, Transaction, items, transaction

KEPT = timedelta(days=180)
KEPT_OF_NOBODY = timedelta(days=7)
SIGNED_IN = "signed_in"


def succeeded(tx: Transaction, user: User, way: Way) -> None:
    """Part `sign_in`."""
    tx.put("sign_in", _record(tx.ctx, user.user_id, way, SIGNED_IN))


def failed(ctx: Context, user_id: str | None, login: Login | None, way: Way, why: SoukError) -> None:
    """One transaction; never fails its caller. A login without an account is written down just the same, under a
    fingerprint: an answer that comes sooner would tell that nobody has it."""
    if user_id is None and login is None:
        return
    record = _record(ctx, user_id or _nobody(login), way, why.code)
    if user_id is None:
        record.ttl = ctx.now + KEPT_OF_NOBODY
    with suppress(Unavailable), transaction(ctx) as tx:
        tx.put("sign_in", record)


def of_user(ctx: Context, user_id: str, *, limit: int, cursor: str | None) -> Page[SignInRecord]:
    """A person's sign-ins, newest first. One Query."""
    return items(
        SignInRecord,
        ctx.tenant,
        SignInRecord.key,
        user_id=user_id,
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )


def _record(ctx: Context, user_id: str, way: Way, outcome: str) -> SignInRecord:
    return SignInRecord(
        tenant=ctx.tenant,
        user_id=user_id,
        sign_in_id=ctx.new_id("sgn"),
        at=ctx.now,
        way=way,
        outcome=outcome,
        client_ip=ctx.client_ip,
        user_agent=ctx.user_agent,
        ttl=ctx.now + KEPT,
    )


def _nobody(login: Login | None) -> str:
    return "nobody-" + sealing.fingerprint(login.text if login else "", "sign-in")
