"""Who holds something of a person. A domain that begins to adds its module and one line."""

from chalicelib.privacy.holders import (
    account,
    addresses,
    cart,
    favorites,
    files,
    messages,
    orders,
    points,
    verification,
)
from chalicelib.privacy.holders.base import Holder

__all__ = ["HOLDERS", "Holder"]

HOLDERS: dict[str, Holder] = {
    holder.section: holder
    for holder in (
        *account.HOLDERS,
        *addresses.HOLDERS,
        *cart.HOLDERS,
        *favorites.HOLDERS,
        *orders.HOLDERS,
        *points.HOLDERS,
        *messages.HOLDERS,
        *verification.HOLDERS,
        *files.HOLDERS,
    )
}
"""Section → who holds it, in the order of the export."""
