"""What the books themselves say has happened since a time, and no restore can take back: money, parcels, keys seen.

Read from each row's own history, not from its difference: a row that was damaged has no history of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from chalicelib.core.clock import to_text
from chalicelib.orders.states import UNPAID
from infra.backup.rows import Wire, kind_of, text_of

_NO_MONEY = ("failed", "closed")


def moved_since(row: Wire, at: datetime) -> str | None:
    """What moved after `at`, in words; None when nothing did. Pure."""
    look = _LOOKS.get(kind_of(row))
    return look(row, to_text(at)) if look else None


def is_sold_elsewhere(row: Wire) -> bool:
    """Another back end held the stock and has sold it."""
    return text_of(row, "holder") == "external" and text_of(row, "state") == "deducted"


def _order(row: Wire, at: str) -> str | None:
    status = text_of(row, "status")
    if status in UNPAID or status == "cancelled" or not _any_later(_times(row, "timeline"), at):
        return None
    return f"order {text_of(row, 'number')} is {status}"


def _payment(row: Wire, at: str) -> str | None:
    status = text_of(row, "status")
    if status in _NO_MONEY or not _any_later([text_of(row, "created_at"), *_times(row, "log")], at):
        return None
    amount = row["amount"]["M"]
    return f"payment {text_of(row, 'payment_id')} of {amount['amount']['N']} {amount['currency']['S']} is {status}"


def _refund(row: Wire, at: str) -> str | None:
    later = _any_later([text_of(row, "created_at"), text_of(row, "succeeded_at")], at)
    return f"refund {text_of(row, 'refund_id')} is {text_of(row, 'status')}" if later else None


def _delivery(row: Wire, at: str) -> str | None:
    later = _any_later([text_of(row, "delivered_at"), text_of(row, "first_viewed_at")], at)
    return f"order {text_of(row, 'order_id')} was delivered" if later else None


def _parked(row: Wire, at: str) -> str | None:
    return f"callback {text_of(row, 'event_id')} was parked" if _any_later([text_of(row, "at")], at) else None


def _times(row: Wire, name: str) -> list[str]:
    return [entry["M"]["at"]["S"] for entry in row.get(name, {}).get("L", [])]


def _any_later(times: Iterable[str], at: str) -> bool:
    return any(time > at for time in times)


_LOOKS: dict[str, Callable[[Wire, str], str | None]] = {
    "order": _order,
    "payment": _payment,
    "refund": _refund,
    "delivery": _delivery,
    "parked_callback": _parked,
}
