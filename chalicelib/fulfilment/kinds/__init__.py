"""What a line can be. One module each; adding a kind is one new file and one line here."""

from chalicelib.fulfilment.kinds.base import Kind, Parcel
from chalicelib.fulfilment.kinds.card_key import CardKeyKind
from chalicelib.fulfilment.kinds.physical import PhysicalKind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (PhysicalKind(), CardKeyKind())}

__all__ = ["KINDS", "Kind", "Parcel"]
