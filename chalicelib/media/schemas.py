"""API shapes of uploads."""

from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from chalicelib.core import ids
from chalicelib.http import Body, ListOf, ListQuery, Timestamp, View
from chalicelib.media import levels
from chalicelib.media.kinds import KINDS, KindName
from chalicelib.media.limits import MOST_FILE_BYTES
from chalicelib.media.managing import Space
from chalicelib.media.reading import Shown

UploadId = Annotated[str, Field(pattern=ids.pattern("upl"))]
OwnerId = Annotated[str, Field(pattern=rf"^shop$|{ids.pattern('usr')}")]
FileName = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f/\\:*?\"<>|.\u202a-\u202e][^\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e]*$",
    ),
    Field(examples=["cup.png"]),
]
"""A name alone: no path, nothing hidden, nothing that turns its reading direction."""
ContentType = Annotated[str, Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100, examples=["image/png"])]
Sha256 = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$",
        examples=["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
    ),
]
UploadState = Literal["pending", "ready", "refused", "expired"]


class CreateUpload(Body):
    kind: KindName
    file_name: FileName
    content_type: ContentType
    size_bytes: Annotated[int, Field(ge=1, le=MOST_FILE_BYTES)]
    sha256: Sha256 | None = None
    """Of the whole file, in base64. Only for a file in one piece."""


class AskForParts(Body):
    numbers: Annotated[
        list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=100, examples=[[1, 2]])
    ]


class UploadQuery(ListQuery):
    kind: KindName | None = None
    state: UploadState | None = None


class StaffUploadQuery(UploadQuery):
    owner_id: OwnerId | None = None
    """`shop`, or a customer."""


class PutView(View):
    """`PUT` the file there, with these headers exactly. Another size, type or checksum is refused by the signature."""

    url: str
    headers: dict[str, str]
    expires_at: Timestamp


class FormView(View):
    """Or `POST` it there as multipart/form-data: these fields first, then the file as `file` (`wx.uploadFile`)."""

    url: str
    fields: dict[str, str]
    expires_at: Timestamp


class PartsView(View):
    """A file in parts: ask for the addresses of as many as you like at a time."""

    count: int
    part_bytes: int
    """Of every part but the last."""


class UploadRow(View):
    id: str
    kind: KindName
    state: UploadState
    file_name: str
    content_type: str
    size_bytes: int
    created_at: Timestamp
    expires_at: Timestamp
    """Until when it can be completed."""


class UploadPage(ListOf[UploadRow]):
    pass


class StaffUploadRow(UploadRow):
    owner_id: str
    """`shop`, or a customer."""
    sent_by: str


class StaffUploadPage(ListOf[StaffUploadRow]):
    pass


class _Upload(UploadRow):
    sha256: str | None
    completed_at: Timestamp | None
    attached_to: str | None
    """What shows it: it cannot be deleted before that lets go."""
    reason: Literal["size", "sha256", "content_type"] | None
    """Of what was refused: what was not as announced."""
    url: str | None
    """Of a public file that is ready: for everybody, for ever."""

    @classmethod
    def of(cls, thing: Any) -> Self:
        return cls.model_validate(cls.told(thing))

    @classmethod
    def told(cls, shown: Shown) -> dict[str, Any]:
        upload = shown.upload
        more = {name: getattr(upload, name) for name in ("sha256", "completed_at", "attached_to", "reason")}
        return {**(upload.row() or {}), **more, "state": upload.state_at(shown.now), "url": shown.url}


class UploadView(_Upload):
    put: PutView | None
    """Where to send a file in one piece, while it is waited for."""
    form: FormView | None
    parts: PartsView | None

    @classmethod
    def told(cls, shown: Shown) -> dict[str, Any]:
        upload, until = shown.upload, {"expires_at": shown.sending_until}
        parts = {"count": upload.part_count, "part_bytes": upload.part_bytes} if upload.is_in_parts else None
        put = {**asdict(shown.put), **until} if shown.put else None
        form = {**asdict(shown.form), **until} if shown.form else None
        return {**super().told(shown), "put": put, "form": form, "parts": parts}


class StaffUploadView(_Upload):
    owner_id: str
    sent_by: str


class LinkView(View):
    url: str
    expires_at: Timestamp | None
    """Null: it is public, and the address stays."""


class PartAddressView(View):
    number: int
    size_bytes: int
    """Send exactly as many: the signature takes no other."""
    url: str
    expires_at: Timestamp


class PartAddresses(View):
    data: list[PartAddressView]


class ArrivedView(View):
    numbers: list[int]
    """Parts that are there."""
    missing: list[int]


class BookView(View):
    used_bytes: int
    """With what is reserved for files that are announced."""
    reserved_bytes: int
    files: int


class KindBookView(BookView):
    kind: KindName
    most_bytes: int
    """Of one file."""


class SpaceView(BookView):
    quota_bytes: int
    free_bytes: int
    percent: int
    """In whole per cents, rounded down."""
    level: Literal[0, 80, 95, 100]
    """The highest of these per cents that is reached."""
    max_file_bytes: int
    by_kind: list[KindBookView]

    @classmethod
    def of(cls, thing: Any) -> Self:
        space: Space = thing
        whole, rules = space.whole, space.limits
        return cls.model_validate(
            {
                **BookView.of(whole).model_dump(),
                "quota_bytes": rules.quota_bytes,
                "free_bytes": max(0, rules.quota_bytes - whole.used_bytes),
                "percent": 100 * whole.used_bytes // rules.quota_bytes if rules.quota_bytes else 100,
                "level": levels.reached(whole.used_bytes, rules.quota_bytes),
                "max_file_bytes": rules.max_file_bytes,
                "by_kind": [
                    {**BookView.of(book).model_dump(), "kind": kind, "most_bytes": rules.most_of(KINDS[kind])}
                    for kind, book in space.by_kind.items()
                ],
            }
        )
