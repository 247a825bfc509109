"""One's own data, and leaving: by oneself, or carried out by staff."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, TooMany
from chalicelib.http import CUSTOMER, Idempotent, RateLimit, Routes, staff
from chalicelib.identity.accounts import AccountIsStaff
from chalicelib.identity.proving import PasswordWrong
from chalicelib.identity.wechat import WechatBusy, WechatOff
from chalicelib.members.guards import AccountGone, OwnAccount, StaffProtected
from chalicelib.members.schemas import Because, MemberId
from chalicelib.orders.leaving import OrdersOpen
from chalicelib.privacy import closing, exporting
from chalicelib.privacy.schemas import CloseAccount, Export, ExportQuery

routes = Routes("privacy")


@routes.get(
    "/v1/me/export",
    permission=CUSTOMER,
    rate_limit=RateLimit(30, 3600, per="user"),
    errors=[Invalid, NotFound],
)
def export_me(ctx: Context, query: ExportQuery) -> Export:
    """Everything the shop holds of me, without secrets: the first hundred of each section, the rest by cursor."""
    return exporting.export(ctx, section=query.section, cursor=query.cursor)


@routes.delete(
    "/v1/me",
    permission=CUSTOMER,
    status=204,
    errors=[OrdersOpen, AccountIsStaff, PasswordWrong, Invalid, NotFound, TooMany, WechatBusy, WechatOff],
)
def close_me(ctx: Context, body: CloseAccount) -> None:
    """Close my account for good. Orders stay with the shop; name, logins, addresses, cart and messages are erased.

    Refused while orders are open, and for staff. Every session ends; the logins can be registered anew.
    """
    closing.close(ctx, body)


@routes.post(
    "/v1/admin/users/{user_id}/erase",
    permission=staff("members:erase"),
    status=204,
    sensitive=True,
    idempotent=Idempotent.ACCEPTED,
    errors=[NotFound, OwnAccount, StaffProtected, AccountGone, AccountIsStaff, OrdersOpen],
)
def erase_member(ctx: Context, user_id: MemberId, body: Because) -> None:
    """Close a customer's account for good, as they asked for: what goes is what goes when they do it themselves."""
    closing.erase(ctx, user_id)
