"""While a due item is handled, its lines are joined under the request that wrote it.

The `due` index carries keys alone, but every handler reads its item again: that read tells, and costs nothing more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chalicelib.core import log, origin
from chalicelib.store.attributes import Wire
from chalicelib.store.keys import Ref

_in_hand: ContextVar[Ref | None] = ContextVar("in_hand", default=None)


@contextmanager
def handling(ref: Ref) -> Iterator[None]:
    token = _in_hand.set(ref)
    try:
        with log.joined():
            yield
    finally:
        _in_hand.reset(token)


def met(wire: Wire) -> None:
    """An item was read: when it is the one in hand, its request is the one all this is about."""
    ref = _in_hand.get()
    if ref is not None and wire["pk"]["S"] == ref.pk and wire["sk"]["S"] == ref.sk:
        log.add(**origin.fields_of(wire))
