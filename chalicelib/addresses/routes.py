"""A customer's own addresses."""

from chalicelib.addresses import service
from chalicelib.addresses.book import TooManyAddresses
from chalicelib.addresses.schemas import AddressId, AddressPage, AddressView, WriteAddress
from chalicelib.addresses.service import Kept
from chalicelib.core.context import Context
from chalicelib.core.errors import NotFound
from chalicelib.http import CUSTOMER, Idempotent, ListQuery, Routes
from chalicelib.store.cursors import CursorInvalid

routes = Routes("addresses")


@routes.post(
    "/v1/me/addresses",
    permission=CUSTOMER,
    status=201,
    answer=AddressView,
    idempotent=Idempotent.ACCEPTED,
    errors=[TooManyAddresses],
)
def create_address(ctx: Context, body: WriteAddress) -> Kept:
    """Add an address. The first becomes the default."""
    return service.create(ctx, body.fields(), as_default=body.is_default)


@routes.get("/v1/me/addresses", permission=CUSTOMER, errors=[CursorInvalid])
def list_addresses(ctx: Context, query: ListQuery) -> AddressPage:
    """The customer's addresses, newest first."""
    page = service.listed(ctx, limit=query.limit, cursor=query.cursor)
    return AddressPage.page([AddressView.of(kept) for kept in page.data], page.next_cursor)


@routes.get("/v1/me/addresses/{address_id}", permission=CUSTOMER, answer=AddressView, errors=[NotFound])
def read_address(ctx: Context, address_id: AddressId) -> Kept:
    """One address."""
    return service.read(ctx, address_id)


@routes.put("/v1/me/addresses/{address_id}", permission=CUSTOMER, answer=AddressView, errors=[NotFound])
def rewrite_address(ctx: Context, address_id: AddressId, body: WriteAddress) -> Kept:
    """Write an address anew. The default stays the default until another is named."""
    return service.rewrite(ctx, address_id, body.fields(), as_default=body.is_default)


@routes.delete("/v1/me/addresses/{address_id}", permission=CUSTOMER, status=204, errors=[NotFound])
def delete_address(ctx: Context, address_id: AddressId) -> None:
    """Delete an address. If it was the default, the newest of the rest becomes it."""
    service.remove(ctx, address_id)


@routes.put(
    "/v1/me/addresses/{address_id}/default", permission=CUSTOMER, answer=AddressView, errors=[NotFound]
)
def make_default_address(ctx: Context, address_id: AddressId) -> Kept:
    """Make an address the default, in place of the one that was."""
    return service.make_default(ctx, address_id)
