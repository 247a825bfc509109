"""Codes that prove a phone or a mailbox: six digits, good once, for five minutes and five tries.

The table keeps a digest. The code itself lies beside it, sealed, until it was handed to the channel that sends it;
the event that asks for that names the login and nothing more. Whether an account has the login makes no difference
to what the asker sees: that is looked up when the code is sent.
"""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core import ids, log, sealing
from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, SoukError, TooMany, Unauthenticated, Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.text import Locale, Text, choose_locale
from chalicelib.identity import logins, unproven
from chalicelib.identity.entities import Code, LoginBinding, Purpose, User, user_ref
from chalicelib.identity.logins import Login
from chalicelib.store import Event, Ref, Transaction, Wire, emit, get, refuse_with, transaction, update
from chalicelib.store.counters import give_back, take

EVENT = "code.issued"
DIGITS = 6
GOOD_FOR = timedelta(minutes=5)
AGAIN_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
MOST_AN_HOUR = 5
"""Of one login: with five tries each, a guesser has 25 in a million an hour."""
_HOUR_SECONDS = 3600


class CodeInvalid(Unauthenticated):
    """Wrong, used, too old, tried too often, or never sent: whoever guesses learns nothing of which."""

    code = "code_invalid"
    title = Text("The code is wrong or no longer good", "验证码错误或已失效")
    detail = Text("Check it, or ask for a new one.", "请检查，或重新获取验证码。")


class ChannelMissing(Unavailable):
    code = "channel_missing"
    title = Text("This shop cannot send codes that way", "该店铺暂不支持此方式发送验证码")
    detail = Text("Use another way to sign in, or ask the shop.", "请使用其他登录方式，或联系店铺。")


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that was right. It counts once it is spent, in the transaction of what it allows."""

    ref: Ref
    digest: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A code on its way to a person."""

    to: Login
    """Where it goes: a phone or an email."""
    code: str
    purpose: str
    locale: Locale
    ref: Ref
    digest: str


def _digest(login: str, purpose: str, code: str) -> str:
    return sealing.fingerprint(f"{login}\x00{purpose}\x00{code}", "code")


def issue(ctx: Context, login: Login, purpose: Purpose) -> None:
    """Make a code and have it sent. Store calls: 2 (the hour's count, one transaction).

    Raises ChannelMissing, TooMany.
    """
    _check_channel(login)
    code = f"{ids.random_bits(64) % 10**DIGITS:0{DIGITS}d}"
    item = Code(
        tenant=ctx.tenant,
        address=login.text,
        purpose=purpose,
        locale=ctx.locale,
        digest=_digest(login.text, purpose, code),
        sent_at=ctx.now,
        expires_at=ctx.now + GOOD_FOR,
        ttl=ctx.now + GOOD_FOR,
    )
    item.sealed = sealing.seal(code, _belongs_to(item))
    take(ctx, "codes", login.text, limit=MOST_AN_HOUR, window_seconds=_HOUR_SECONDS)
    replaceable = (Code.sent_at <= ctx.now - AGAIN_AFTER) | Code.spent_at.exists()
    try:
        with transaction(ctx) as tx:
            tx.put_unless("code", item, or_when=replaceable, refuse=lambda old: _too_soon(ctx, old))
            emit(tx, EVENT, {"address": login.text})
    except TooMany:
        give_back(ctx, "codes", login.text, window_seconds=_HOUR_SECONDS)
        raise


def _too_soon(ctx: Context, old: Wire | None) -> SoukError:
    sent_at = Code.from_wire(old).sent_at if old else ctx.now
    return TooMany(retry_after=int((sent_at + AGAIN_AFTER - ctx.now).total_seconds()))


def _check_channel(login: Login) -> None:
    sends = {
        "phone": settings().sms_channel,
        "email": settings().mail_channel,
        "username": settings().sms_channel or settings().mail_channel,
    }
    if not sends.get(login.kind):
        log.warning("channel_missing", channel=login.kind)
        raise ChannelMissing(retry_after=3600)


def check(ctx: Context, login: Login, purpose: Purpose, code: str) -> Proof:
    """The proof that `code` gives. The try is counted before the code is looked at. One UpdateItem.

    Raises CodeInvalid.
    """
    this_try = f"{ids.random_bits(64):016x}"
    stood = update(
        Code,
        Code.key.of(ctx.tenant, address=login.text),
        add={"tries": 1},
        cap={"tries": MOST_TRIES},
        set={"last_try": this_try},
        when=(Code.purpose == purpose) & Code.spent_at.does_not_exist() & (Code.expires_at > ctx.now),
        mine=lambda one: one.last_try == this_try,
        refuse=refuse_with(CodeInvalid),
    )
    if not hmac.compare_digest(stood.digest, _digest(login.text, purpose, code)):
        raise CodeInvalid
    return Proof(stood.ref, stood.digest)


def spend(tx: Transaction, proof: Proof) -> None:
    """Part `code`. Refuses with CodeInvalid when a twin spent it, or another took its place."""
    tx.update(
        "code",
        Code,
        proof.ref,
        set={"spent_at": tx.ctx.now},
        unset=["sealed"],
        when=(Code.digest == proof.digest) & Code.spent_at.does_not_exist(),
        refuse=refuse_with(CodeInvalid),
    )


def to_send(ctx: Context, event: Event) -> Outgoing | None:
    """The code an event asks to send, and where to; None when that is over or nobody's. Store calls: 1 to 3."""
    item = get(Code, Code.key.of(ctx.tenant, address=event.data["address"]))
    if item is None or item.sealed is None or item.expires_at <= ctx.now:
        return None
    to = _recipient(ctx, item)
    if to is None:
        return None
    code = sealing.unseal(item.sealed, _belongs_to(item))
    return Outgoing(to, code, item.purpose, choose_locale(item.locale), item.ref, item.digest)


def handed_over(outgoing: Outgoing) -> None:
    """The channel has it: the sealed code goes. One UpdateItem."""
    with suppress(Conflict):
        update(
            Code,
            outgoing.ref,
            unset=["sealed"],
            when=(Code.digest == outgoing.digest) & Code.sealed.exists(),
            mine=lambda one: one.sealed is None,
        )


def _recipient(ctx: Context, item: Code) -> Login | None:
    """The login itself; for a lost password only what may reset it, by username a phone or mailbox of its account."""
    login = logins.read(item.address)
    if login is None or (login.kind != "username" and item.purpose != "reset"):
        return login
    binding = get(LoginBinding, LoginBinding.key.of(ctx.tenant, login_kind=login.kind, login=login.text))
    user = get(User, user_ref(ctx.tenant, binding.user_id)) if binding else None
    if user is None or not unproven.resets(user, login):
        return None
    if login.kind != "username":
        return login
    sends = {"phone": settings().sms_channel, "email": True}
    return next((to for to in unproven.reachable_at(user) if sends[to.kind]), None)


def _belongs_to(item: Code) -> str:
    return f"{item.ref.pk}\x00{item.digest}"
