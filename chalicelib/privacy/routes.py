"""One's own data, and leaving."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, TooMany
from chalicelib.http import CUSTOMER, RateLimit, Routes
from chalicelib.identity.accounts import AccountIsStaff
from chalicelib.identity.proving import PasswordWrong
from chalicelib.identity.wechat import WechatBusy, WechatOff
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
