"""The address book."""

from typing import Any

from chalicelib.addresses import service as addresses
from chalicelib.core.context import Context
from chalicelib.privacy.holders.base import Holder
from chalicelib.store import Page


def _addresses(ctx: Context, limit: int, cursor: str | None) -> Page[dict[str, Any]]:
    page = addresses.listed(ctx, limit=limit, cursor=cursor)
    shown = [{**kept.address.model_dump(mode="json"), "is_default": kept.is_default} for kept in page.data]
    return Page(shown, page.next_cursor)


HOLDERS = (Holder("addresses", _addresses),)
