"""Payment channels: set by staff, chosen from by customers."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.http import PUBLIC, Routes, staff
from chalicelib.payments import channel_editing, channels
from chalicelib.payments.channel_schemas import (
    ChannelList,
    ChannelView,
    MethodList,
    MethodQuery,
    MethodView,
    WriteChannel,
)
from chalicelib.payments.channels import Offer
from chalicelib.payments.schemas import ProviderName

routes = Routes("payment_channels")

_READ, _WRITE = staff("settings:read"), staff("settings:payments")


@routes.get("/v1/payment-methods", permission=PUBLIC)
def list_payment_methods(ctx: Context, query: MethodQuery) -> MethodList:
    """The providers by which an order can be paid in this shop today, in the shop's order."""
    chosen = channels.choices(ctx, query.client, query.amount)
    return MethodList(data=[MethodView.shown(one, ctx.locale) for one in chosen])


@routes.get("/v1/admin/settings/payment-channels", permission=_READ)
def list_payment_channels(ctx: Context) -> ChannelList:
    """Every provider there is, as this shop has set it; secrets by their place alone."""
    return ChannelList(data=[ChannelView.of(one) for one in channels.every(ctx, fresh=True)])


@routes.get(
    "/v1/admin/settings/payment-channels/{provider}",
    permission=_READ,
    answer=ChannelView,
    errors=[NotFound],
)
def read_payment_channel(ctx: Context, provider: ProviderName) -> Offer:
    """One provider. The ETag is what If-Match takes; `"0"` where nothing was set yet."""
    return channel_editing.read(ctx, provider)


@routes.put(
    "/v1/admin/settings/payment-channels/{provider}",
    permission=_WRITE,
    answer=ChannelView,
    sensitive=True,
    errors=[NotFound, Invalid, PreconditionFailed],
)
def write_payment_channel(
    ctx: Context, provider: ProviderName, body: WriteChannel, if_match: int | None
) -> Offer:
    """Set how a provider is offered, all of it at once. In effect everywhere within a minute.

    What was begun is finished: a payment that is open with a provider switched off meanwhile is still settled.
    """
    return channel_editing.write(ctx, provider, body, if_match)


@routes.delete(
    "/v1/admin/settings/payment-channels/{provider}",
    permission=_WRITE,
    status=204,
    sensitive=True,
    errors=[NotFound, PreconditionFailed],
)
def reset_payment_channel(ctx: Context, provider: ProviderName, if_match: int | None) -> None:
    """Have the provider as the stage has it again."""
    channel_editing.reset(ctx, provider, if_match)
