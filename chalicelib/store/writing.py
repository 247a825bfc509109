"""One conditional change of one item that answers with the item it made, at half a transaction's price."""

from collections.abc import Callable
from typing import TypeVar, Unpack

from botocore.exceptions import ClientError

from chalicelib.store.attributes import Wire
from chalicelib.store.client import call, error_code
from chalicelib.store.items import Item
from chalicelib.store.keys import Ref
from chalicelib.store.parts import Change, part_of

T = TypeVar("T", bound=Item)


def update(of: type[T], ref: Ref, *, mine: Callable[[T], bool] | None = None, **change: Unpack[Change]) -> T:
    """Change one item and answer what it has become. One UpdateItem. Not for an item with index entries.

    `mine` recognises this very write in the item as it stands. With it a lost answer is asked for again,
    and a retry that meets its own write is a success; without it a lost answer raises Unsure, for nobody
    can tell. Raises what `refuse` makes of the item as it stood when the condition did not hold.
    """
    part = part_of("update", of, ref, **change)
    (body,) = part.wire().values()
    try:
        answer = call("UpdateItem", repeatable=mine is not None, ReturnValues="ALL_NEW", **body)
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        old: Wire | None = error.response.get("Item")  # type: ignore[assignment]  # untyped by botocore
        if old is not None and mine is not None and mine(stood := of.from_wire(old)):
            return stood
        raise part.refuse(old) from None
    return of.from_wire(answer["Attributes"])
