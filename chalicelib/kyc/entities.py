"""A customer's verification, what they stated, the images, and who looked at those."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.core.clock import to_text
from chalicelib.core.context import Context
from chalicelib.kyc import states
from chalicelib.kyc.documents.base import Side
from chalicelib.store import Bytes, Instant, Int, Item, Key, OptionalInstant, OptionalText, Ref, Text, Value

MOST_LOG = 100


class Stated(BaseModel):
    """What a customer says of themselves: in plain inside a sealed item, masked everywhere else."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    real_name: str
    document_number: str
    birth_date: str


class DocumentCard(BaseModel):
    """What may be known of an image without opening it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: str
    side: Side
    content_type: str
    size_bytes: int


class Step(BaseModel):
    """One move of a verification: when, by whom, why."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    at: str
    event: str
    status: str
    actor_kind: str
    actor_id: str
    note: str = ""


class Kyc(Item, discriminator="kyc"):
    """A customer's verification: one item, so that there is one live submission. It holds nothing in plain."""

    key = Key("USER#{user_id}", "KYC", "a customer's verification")
    in_state = Key(
        "KYC#{queue}",
        "{moved_at}#{user_id}",
        "verifications in a state, by time, for staff",
        index="by_state",
    )
    indexes = (in_state,)

    user_id: Text = Text()
    status: Text = Text(default="none")
    moved_at: Instant = Instant()
    document_type: OptionalText = OptionalText(default=None)
    stated: Value[Stated | None] = Value(Stated, default=None, null=True)
    """Masked."""
    fingerprint: OptionalText = OptionalText(default=None)
    """Of the document's number: where other accounts that gave the same one are found."""
    documents: Value[list[DocumentCard]] = Value(list[DocumentCard], default=list)
    submitted_at: OptionalInstant = OptionalInstant(default=None)
    decided_at: OptionalInstant = OptionalInstant(default=None)
    reviewed_by: OptionalText = OptionalText(default=None)
    reason: OptionalText = OptionalText(default=None)
    """Why it was rejected, for the customer to read."""
    expires_at: OptionalInstant = OptionalInstant(default=None)
    log: Value[list[Step]] = Value(list[Step], default=list)

    @property
    def queue(self) -> str | None:
        """The staff list it stands in: none once it is erased."""
        return None if self.status == "erased" else self.status

    @property
    def is_new(self) -> bool:
        """Nothing of it is stored yet: the move it has just made is its first."""
        return len(self.log) <= 1

    def record(self, ctx: Context, event: states.Event, note: str = "") -> None:
        """Make a move and write it down. Raises KycState."""
        self.status, self.moved_at = states.move(self.status, event), ctx.now
        self.set_timer(*states.timer_of(self.status, ctx.now, self.expires_at))
        step = Step(
            at=to_text(ctx.now),
            event=event,
            status=self.status,
            actor_kind=ctx.actor.kind,
            actor_id=ctx.actor.id,
            note=note,
        )
        self.log = [*self.log, step][-MOST_LOG:]

    def is_overdue(self, now: datetime) -> bool:
        return self.status == "approved" and self.expires_at is not None and self.expires_at <= now

    def row(self) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "status": self.status,
            "document_type": self.document_type,
            "stated": self.stated.model_dump() if self.stated else None,
            "submitted_at": to_text(self.submitted_at) if self.submitted_at else None,
            "decided_at": to_text(self.decided_at) if self.decided_at else None,
            "expires_at": to_text(self.expires_at) if self.expires_at else None,
        }


def kyc_ref(tenant: str, user_id: str) -> Ref:
    return Kyc.key.of(tenant, user_id=user_id)


class KycStated(Item, discriminator="kyc_stated"):
    """What a customer stated, sealed. Apart from the verification, so that no list and no page carries it."""

    key = Key("KYC#{user_id}", "STATED", "what a customer stated, sealed")

    user_id: Text = Text()
    sealed: Bytes = Bytes()


class KycDocument(Item, discriminator="kyc_document"):
    """One image, sealed."""

    key = Key("KYC#{user_id}", "DOCUMENT#{document_id}", "one image of a document, sealed")

    user_id: Text = Text()
    document_id: Text = Text()
    content_type: Text = Text()
    size_bytes: Int = Int()
    sealed: Bytes = Bytes()


class KycPrint(Item, discriminator="kyc_print"):
    """That a customer gave a document of this number. Nothing can be read back from the fingerprint."""

    key = Key("KYCPRINT#{fingerprint}", "{user_id}", "who gave a document of the same number")

    fingerprint: Text = Text()
    user_id: Text = Text()


class KycOpening(Item, discriminator="kyc_opening"):
    """That a member of the staff opened an image. It outlives the image."""

    key = Key("KYC#{user_id}#OPENINGS", "{at}#{opening_id}", "who opened a customer's images, newest first")

    user_id: Text = Text()
    opening_id: Text = Text()
    document_id: Text = Text()
    at: Instant = Instant()
    staff_id: Text = Text()
    from_ip: Text = Text()
    request_id: Text = Text()


def stated_ref(tenant: str, user_id: str) -> Ref:
    return KycStated.key.of(tenant, user_id=user_id)


def document_ref(tenant: str, user_id: str, document_id: str) -> Ref:
    return KycDocument.key.of(tenant, user_id=user_id, document_id=document_id)


def print_ref(tenant: str, fingerprint: str, user_id: str) -> Ref:
    return KycPrint.key.of(tenant, fingerprint=fingerprint, user_id=user_id)
