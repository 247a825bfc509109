"""How much a shop may keep, and how large a file may be."""

from dataclasses import dataclass

from chalicelib.core.context import Context
from chalicelib.media.entities import SHOP
from chalicelib.media.kinds import MIB, Kind
from chalicelib.settings import service as shops

GIB = 1024 * MIB
MOST_FILE_BYTES = 5 * GIB
"""No shop may allow more."""


@dataclass(frozen=True, slots=True)
class Limits:
    quota_bytes: int = 10 * GIB
    """Of all files of the shop together."""
    max_file_bytes: int = 2 * GIB
    allowed_types: frozenset[str] | None = None
    """None: all that a kind of file may be."""
    files_of_a_customer: int = 20
    """Files one customer may have at a time: nobody fills a shop's space alone (B23)."""
    customers_percent: int = 80
    """No customer's file takes the space beyond this share: many together leave the shop room to go on (B23)."""

    def room_for(self, owner_id: str) -> int:
        """Bytes that all files of the shop together may come to by a file of this owner's."""
        if owner_id == SHOP:
            return self.quota_bytes
        return self.quota_bytes * self.customers_percent // 100

    def most_of(self, kind: Kind) -> int:
        return min(self.max_file_bytes, kind.most_bytes, MOST_FILE_BYTES)

    def types_of(self, kind: Kind) -> frozenset[str]:
        return kind.types if self.allowed_types is None else kind.types & self.allowed_types


def in_force(ctx: Context) -> Limits:
    """The limits of the caller's shop. At most one GetItem a minute. Raises TenantUnknown."""
    chosen = shops.storage(ctx)
    return Limits(chosen.quota_bytes, chosen.max_file_bytes, chosen.allowed_types)


def public_base(ctx: Context) -> str:
    """Where the shop's public files are seen; empty: where the stage says. As `in_force`."""
    return shops.storage(ctx).public_base_url
