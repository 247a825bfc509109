"""Setting a payment channel: checked as a whole, written with its version, its secrets named and never taken."""

import re

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.core.text import Text
from chalicelib.payments import channels
from chalicelib.payments.channel_schemas import WriteChannel
from chalicelib.payments.channels import Offer
from chalicelib.payments.entities import ChannelTitle, PaymentChannel, channel_ref
from chalicelib.payments.providers.declared import DECLARED
from chalicelib.store import get, refuse_with, transaction

Problems = list[dict[str, str]]
_LAST = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_UNKNOWN = Text("is not known for this provider", "该支付方式没有此项")
_FORM = Text("has not the provider's form", "格式不符合支付方要求")
_PLACE = Text(
    "must be a reference below {ssm} or {secret}; the secret itself is never given here",
    "必须是 {ssm} 或 {secret} 下的引用；此处不接受密钥本身",
)
_NEEDED = Text(
    "is needed beside the others; leave all out to use the stage's own account",
    "与其他项必须一并提供；全部留空则使用平台账户",
)
_CLIENT = Text("cannot be paid with this provider", "该支付方式不支持此客户端")
_CURRENCY = Text("must be {currency}, the shop's currency", "必须为店铺币种 {currency}")
_ORDER = Text("must not be below min_amount", "不得小于 min_amount")


def read(ctx: Context, provider: str) -> Offer:
    """One provider as the shop has set it. One Query. Raises NotFound."""
    for offer in channels.every(ctx, fresh=True):
        if offer.provider == provider:
            return offer
    raise NotFound


def write(ctx: Context, provider: str, wish: WriteChannel, if_match: int | None) -> Offer:
    """The channel becomes what `wish` says; in this process at once, elsewhere within a minute.

    Store calls: 2. Raises NotFound, Invalid, PreconditionFailed.
    """
    if provider not in DECLARED:
        raise NotFound
    stored = _to_change(ctx, provider, if_match)
    channel = stored or PaymentChannel(tenant=ctx.tenant, provider=provider)
    offer = channels.as_offered(ctx, channel)
    if problems := [*_of_account(ctx, offer, wish), *_of_offer(ctx, offer, wish)]:
        raise Invalid(problems)
    channel.is_enabled, channel.position = wish.enabled, wish.position
    channel.title = ChannelTitle(en=wish.title.en, zh=wish.title.zh) if wish.title else None
    channel.clients = frozenset(wish.clients or ())
    channel.least = wish.min_amount.amount if wish.min_amount else None
    channel.most = wish.max_amount.amount if wish.max_amount else None
    channel.ids, channel.references = dict(wish.ids), dict(wish.secrets)
    with transaction(ctx) as tx:
        if stored is not None:
            tx.replace("channel", channel)
        else:
            channel.version = 1
            tx.put("channel", channel, refuse=refuse_with(PreconditionFailed))
    channels.forget()
    return channels.as_offered(ctx, channel)


def reset(ctx: Context, provider: str, if_match: int | None) -> None:
    """Offer the provider as the stage has it. Store calls: 2, 1 where it is so. Raises NotFound, PreconditionFailed."""
    if provider not in DECLARED:
        raise NotFound
    stored = _to_change(ctx, provider, if_match)
    if stored is None:
        return
    with transaction(ctx) as tx:
        tx.delete(
            "channel",
            stored.ref,
            was=stored,
            when=PaymentChannel.version == stored.version,
            refuse=refuse_with(PreconditionFailed),
        )
    channels.forget()


def _to_change(ctx: Context, provider: str, if_match: int | None) -> PaymentChannel | None:
    stored = get(PaymentChannel, channel_ref(ctx.tenant, provider))
    if if_match is not None and if_match != (stored.version if stored else 0):
        raise PreconditionFailed
    return stored


def _of_account(ctx: Context, offer: Offer, wish: WriteChannel) -> Problems:
    """A place is the shop's own: nobody has our adapters read another shop's secret, or the stage's keys, for them."""
    problems: Problems = []
    declared, (ssm, secret) = DECLARED[offer.provider], offer.secrets_below
    for name, given in wish.ids.items():
        form = declared.ids.get(name)
        if form is None:
            problems.append(_problem(ctx, f"ids.{name}", "unknown", _UNKNOWN))
        elif not form.fullmatch(given):
            problems.append(_problem(ctx, f"ids.{name}", "form", _FORM))
    for name, given in wish.secrets.items():
        if name not in declared.secrets:
            problems.append(_problem(ctx, f"secrets.{name}", "unknown", _UNKNOWN))
        elif not any(
            given.startswith(place) and _LAST.fullmatch(given[len(place) :]) for place in (ssm, secret)
        ):
            problems.append(
                _problem(ctx, f"secrets.{name}", "not_a_reference", _PLACE, ssm=ssm, secret=secret)
            )
    given_names = wish.ids.keys() | wish.secrets.keys()
    if given_names:
        for name in sorted(declared.needed - given_names):
            field = f"ids.{name}" if name in declared.ids else f"secrets.{name}"
            problems.append(_problem(ctx, field, "needed", _NEEDED))
    return problems


def _of_offer(ctx: Context, offer: Offer, wish: WriteChannel) -> Problems:
    problems: Problems = []
    currency = offer.currency
    for client in wish.clients or ():
        if client not in DECLARED[offer.provider].clients:
            problems.append(_problem(ctx, "clients", "unsupported_client", _CLIENT))
    for field, bound in (("min_amount", wish.min_amount), ("max_amount", wish.max_amount)):
        if bound is not None and bound.currency != currency:
            problems.append(
                _problem(ctx, f"{field}.currency", "currency_mismatch", _CURRENCY, currency=currency)
            )
    if wish.min_amount and wish.max_amount and wish.max_amount.amount < wish.min_amount.amount:
        problems.append(_problem(ctx, "max_amount.amount", "out_of_range", _ORDER))
    return problems


def _problem(ctx: Context, field: str, code: str, said: Text, **fields: str) -> dict[str, str]:
    """What was given is not repeated: it may be a secret, put where its place belongs."""
    return {"field": field, "code": code, "message": said.say(ctx.locale, **fields)}
