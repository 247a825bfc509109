"""What a file may be for. Each kind says who sends it, who sees it, what it may be and how large."""

from dataclasses import dataclass
from typing import Literal

KindName = Literal["avatar", "product_image", "shop_image", "kyc_document", "file_for_sale"]

MIB = 1024 * 1024
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


@dataclass(frozen=True, slots=True)
class Kind:
    name: KindName
    is_public: bool
    """Whoever has the address sees it. Private files are opened by a signed address that lasts minutes."""
    types: frozenset[str]
    most_bytes: int
    permission: str | None = None
    """What a member of the staff needs to send one; the file is then the shop's. None: everybody sends their own."""
    opened_by: str | None = None
    """What a member of the staff needs besides `uploads:read` to open somebody's file."""

    @property
    def is_the_shops(self) -> bool:
        return self.permission is not None


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("avatar", is_public=True, types=IMAGES, most_bytes=2 * MIB),
        Kind(
            "product_image", is_public=True, types=IMAGES, most_bytes=8 * MIB, permission="products:write"
        ),
        Kind("shop_image", is_public=True, types=IMAGES, most_bytes=2 * MIB, permission="settings:write"),
        Kind(
            "kyc_document",
            is_public=False,
            types=frozenset({"image/jpeg", "image/png", "application/pdf"}),
            most_bytes=10 * MIB,
            opened_by="kyc:review",
        ),
        Kind(
            "file_for_sale",
            is_public=False,
            types=IMAGES
            | {
                "application/pdf", "application/zip", "application/epub+zip", "application/octet-stream",
                "audio/mpeg", "video/mp4",
            },
            most_bytes=5 * 1024 * MIB,
            permission="products:write",
            opened_by="products:write",
        ),
    )
}  # fmt: skip
"""A public file always comes in one piece, and so lies in quarantine until it is checked."""
