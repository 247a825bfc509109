"""Closing one's account: orders stay, personal fields go, the logins are free again."""

from collections.abc import Callable
from datetime import timedelta

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, PreconditionFailed
from chalicelib.identity import accounts, codes, profile, proving, session_list
from chalicelib.identity.codes import Proof
from chalicelib.identity.entities import User
from chalicelib.members import guards, reading
from chalicelib.orders import leaving
from chalicelib.privacy.schemas import CloseAccount
from chalicelib.store import Transaction, again, emit, remember, transaction

EVENT = "user.closed"
"""Its consumers erase what other domains hold."""
ONCE_MORE_AFTER = timedelta(minutes=10)
"""By then no request is under way that another process let in before it heard that the sessions had ended."""
GUARDS: tuple[Callable[[Transaction, str], None], ...] = (leaving.guard_open_orders,)
"""(transaction, user) → a part that refuses while this domain still has business with the person."""


def close(ctx: Context, proof: CloseAccount) -> None:
    """One transaction: the account, its logins, and the events that have everything else erased, also of accounts that
    were merged into this one. Then sessions end.

    Store calls: 4, one to prove it, and those that end sessions. Raises Invalid, PasswordWrong, AccountIsStaff,
    OrdersOpen.
    """
    spent = _proven(ctx, profile.of(ctx), proof)

    def attempt() -> None:
        _carry_out(ctx, profile.of(ctx), spent)

    again(attempt, PreconditionFailed)
    session_list.end_all(ctx, ctx.customer_id)


def erase(ctx: Context, user_id: str) -> None:
    """Staff carry out what a customer asked for in another way: the same as if they had closed it themselves.

    Store calls: 2, and those that end sessions. Raises NotFound, OwnAccount, StaffProtected, AccountGone,
    AccountIsStaff, OrdersOpen.
    """

    def attempt() -> None:
        _carry_out(ctx, guards.check(ctx, reading.member(ctx, user_id)), None)

    again(attempt, PreconditionFailed)
    session_list.end_all(ctx.fresh(), user_id)


def _carry_out(ctx: Context, user: User, spent: Proof | None) -> None:
    with transaction(ctx) as tx:
        accounts.close(tx, user)
        for guard in GUARDS:
            guard(tx, user.user_id)
        if spent is not None:
            codes.spend(tx, spent)
        session_list.announce_end(tx, user.user_id)
        for user_id in sorted({user.user_id} | user.absorbed):
            emit(tx, EVENT, {"user_id": user_id})
        emit(tx, EVENT, {"user_id": user.user_id}, not_before=ctx.now + ONCE_MORE_AFTER)
        remember(tx, None)


def _proven(ctx: Context, user: User, proof: CloseAccount) -> Proof | None:
    """By the password where there is one; by a code, or by WeChat, where there is none."""
    if user.password_hash is not None:
        if proof.password is None:
            raise Invalid.field("password", "password_missing", "is needed to close the account")
        proving.by_password(ctx, user, proof.password)
        return None
    if proof.code is not None:
        return proving.by_code(ctx, user, proof.code)
    if proof.wechat_code is not None:
        proving.by_wechat(user, proof.wechat_code)
        return None
    raise Invalid.field(
        "code", "proof_missing", "give the code that was sent to you to confirm, or wechat_code"
    )
