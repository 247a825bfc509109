"""The API's shapes of verifications. Whatever is in plain comes in here, and goes out by one route only."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.core import ids
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.kyc.documents.base import DocumentCode, Side
from chalicelib.kyc.images import MOST_IMAGES
from chalicelib.kyc.states import Event, Listed, State

UserId = Annotated[str, Field(pattern=ids.pattern("usr"))]
DocumentId = Annotated[str, Field(pattern=ids.pattern("kdc"))]
RealName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(examples=["林一"]),
]
DocumentNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{6,20}$", examples=["11010519491231002X"])]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="


class SentImage(Body):
    side: Side
    content: Annotated[str, Field(examples=[_PIXEL])]
    """A JPEG or PNG of at most 200 KB, in base64."""


class SubmitKyc(Body):
    document_type: DocumentCode
    real_name: RealName
    """As the document has it."""
    document_number: DocumentNumber
    birth_date: Annotated[date, Field(examples=["1949-12-31"])]
    documents: Annotated[list[SentImage], Field(min_length=1, max_length=MOST_IMAGES)]
    """One image of a side; the document's type says which cannot be left out."""


class ApproveKyc(Body):
    expires_at: AwareDatetime | None = None
    """When the document ceases to be valid; without it the approval lasts five years."""
    reason: Reason | None = None
    """For the record; the customer does not read it."""


class RejectKyc(Body):
    reason: Reason
    """The customer reads it: say what to do better."""


class KycQuery(ListQuery):
    status: Listed = "submitted"


class StatedView(View):
    """What the customer stated; masked, except where an image is opened."""

    real_name: str
    document_number: str
    birth_date: str


class DocumentView(View):
    """An image, closed."""

    id: str
    side: Side
    content_type: str
    size_bytes: int


class KycView(View):
    """A customer's own verification."""

    status: State
    document_type: DocumentCode | None
    stated: StatedView | None
    documents: list[DocumentView]
    submitted_at: Timestamp | None
    decided_at: Timestamp | None
    reason: str | None
    """Why it was rejected."""
    expires_at: Timestamp | None


class StaffKycView(KycView):
    user_id: str
    reviewed_by: str | None
    version: int


class StepView(View):
    at: str
    event: Event
    status: State
    actor_kind: str
    actor_id: str
    note: str


class OpeningView(View):
    at: Timestamp
    document_id: str
    staff_id: str
    from_ip: str


class KycCaseView(StaffKycView):
    duplicates: int
    """How many other accounts gave a document of the same number; the count ends at a hundred."""
    openings: list[OpeningView]
    """Who opened an image, newest first, the last twenty."""
    timeline: list[StepView]

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls(
            **StaffKycView.of(thing.kyc).model_dump(),
            duplicates=thing.duplicates,
            openings=[OpeningView.of(opening) for opening in thing.openings],
            timeline=[StepView.of(step) for step in thing.kyc.log],
        )


class KycRow(View):
    user_id: str
    status: Listed
    document_type: DocumentCode | None
    stated: StatedView | None
    submitted_at: str | None
    decided_at: str | None
    expires_at: str | None


class KycPage(ListOf[KycRow]):
    pass


class OpenedDocumentView(View):
    """An open image, beside what it has to be compared with."""

    id: str
    content_type: str
    size_bytes: int
    content: Annotated[str, Field(examples=[_PIXEL])]
    """Base64: `data:<content_type>;base64,<content>` shows it."""
    stated: StatedView

    @classmethod
    def of(cls, thing: Any) -> Self:
        document = thing.document
        return cls(
            id=document.document_id,
            content_type=document.content_type,
            size_bytes=document.size_bytes,
            content=thing.content,
            stated=StatedView.of(thing.stated),
        )
