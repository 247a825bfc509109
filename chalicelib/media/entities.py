"""An upload, and the books of how many bytes there are."""

from datetime import datetime
from typing import Any, Literal

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.media.kinds import KINDS, Kind
from chalicelib.store import Instant, Int, Item, Key, OptionalInstant, OptionalInt, OptionalText, Ref, Text

State = Literal["pending", "ready", "refused", "gone"]
HOLDS_BYTES = frozenset({"pending", "ready"})
SHOP = "shop"
"""The owner of what staff send for the shop."""
UPLOAD_CLEANUP = "upload_cleanup"


class Upload(Item, discriminator="upload"):
    """One file: announced, sent, checked. Its owner stands in its address."""

    key = Key("UPLOAD#{upload_id}", "{owner_id}", "one upload, under its owner")
    of_owner = Key(
        "UPLOADS_OF#{owner_id}",
        "{listed_at}#{upload_id}",
        "an owner's uploads, newest first",
        index="by_owner",
    )
    newest = Key("UPLOADS", "{listed_at}#{upload_id}", "a shop's uploads, newest first", index="by_state")
    indexes = (of_owner, newest)
    personal = frozenset({"file_name"})

    upload_id: Text = Text()
    owner_id: Text = Text()
    sent_by: Text = Text()
    use: Text = Text()
    """Its kind. (`kind` in the table is the item's own.)"""
    state: Text = Text(default="pending")
    file_name: Text = Text()
    content_type: Text = Text()
    size_bytes: Int = Int()
    sha256: OptionalText = OptionalText(default=None)
    """In base64, as S3 has it."""
    multipart_id: OptionalText = OptionalText(default=None)
    part_bytes: OptionalInt = OptionalInt(default=None)
    """Of every part but the last; None: it comes in one piece."""
    created_at: Instant = Instant()
    expires_at: Instant = Instant()
    """Until when it can be completed."""
    completed_at: OptionalInstant = OptionalInstant(default=None)
    attached_to: OptionalText = OptionalText(default=None)
    """What shows it: it cannot be deleted before that lets go."""
    reason: OptionalText = OptionalText(default=None)
    """Why it was refused."""

    @property
    def kind(self) -> Kind:
        return KINDS[self.use]

    @property
    def listed_at(self) -> datetime | None:
        return None if self.state == "gone" else self.created_at

    @property
    def is_in_parts(self) -> bool:
        return self.part_bytes is not None

    @property
    def part_count(self) -> int:
        return -(-self.size_bytes // self.part_bytes) if self.part_bytes else 1

    def size_of_part(self, number: int) -> int:
        """Parts are counted from 1; all are of one size but the last."""
        if self.part_bytes is None:
            return self.size_bytes
        return min(self.part_bytes, self.size_bytes - (number - 1) * self.part_bytes)

    @property
    def quarantine_key(self) -> str:
        """Where S3 takes what the client sends. Made of ids alone: a file's name is never part of an address."""
        return f"quarantine/{self.tenant}/{self.upload_id}"

    @property
    def final_key(self) -> str:
        return f"{'public' if self.kind.is_public else 'private'}/{self.tenant}/{self.upload_id}"

    @property
    def sent_to(self) -> str:
        """Parts are nobody's to read until they are joined: they need no other quarantine."""
        return self.final_key if self.is_in_parts else self.quarantine_key

    def is_overdue(self, now: datetime) -> bool:
        return self.state == "pending" and self.expires_at <= now

    def state_at(self, now: datetime) -> str:
        """`expired` from its time on, whether or not the sweep has come by."""
        return "expired" if self.is_overdue(now) else self.state

    def row(self) -> dict[str, Any] | None:
        if self.state == "gone":
            return None
        return {
            "id": self.upload_id,
            "owner_id": self.owner_id,
            "sent_by": self.sent_by,
            "kind": self.use,
            "state": self.state,
            "file_name": self.file_name,
            "content_type": self.content_type,
            "size_bytes": self.size_bytes,
            "created_at": to_text(self.created_at),
            "expires_at": to_text(self.expires_at),
        }


class StorageUsage(Item, discriminator="storage_usage"):
    """Bytes of one book: of the whole shop, of a kind of file, of a customer. Reserved bytes count as used."""

    key = Key("STORAGE#{book}", "USAGE", "how many bytes a shop, a kind of file or a customer has")
    audited = False

    book: Text = Text()
    used_bytes: Int = Int(default=0)
    reserved_bytes: Int = Int(default=0)
    """Of files that are announced and not there yet."""
    files: Int = Int(default=0)
    told_level: Int = Int(default=0)
    """The level of the shop's quota that was told last."""


WHOLE = "shop"


def books_of(use: str, owner_id: str) -> tuple[str, ...]:
    """The books a file stands in."""
    own = () if owner_id == SHOP else (f"owner:{owner_id}",)
    return WHOLE, f"kind:{use}", *own


def usage_ref(tenant: str, book: str) -> Ref:
    return StorageUsage.key.of(tenant, book=book)


def upload_ref(tenant: str, upload_id: str, owner_id: str) -> Ref:
    return Upload.key.of(tenant, upload_id=upload_id, owner_id=owner_id)


def owner_of(ctx: Context, kind: Kind) -> str:
    return SHOP if kind.is_the_shops else ctx.customer_id
