"""The bucket: addresses signed for clients, and the few things we ask of S3 ourselves. botocore is loaded on first use.

Signing asks nobody and costs nothing. What is pinned in a signature (size, type, checksum) S3 enforces: another body
under the same address is refused there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from chalicelib.core import breakers, log
from chalicelib.core.breakers import ProviderResting
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.store.outages import is_outage

_GONE = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})
_CHANGED = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})
_NO_MULTIPART = frozenset({"NoSuchUpload"})
_BAD_PARTS = frozenset({"InvalidPart", "InvalidPartOrder", "EntityTooSmall"})
PLACES = ("quarantine", "public", "private")
"""What the bucket's keys begin with; a shop's slug comes next."""
_FOR_EVER = "public, max-age=31536000, immutable"
"""A public file never changes: another picture has another address."""


class UploadsOff(Unavailable):
    code = "uploads_off"
    title = Text("This shop takes no files", "该店铺未开通文件上传")
    detail = Text("Ask the shop.", "请联系店铺。")


class Vanished(Exception):
    """There is no such object, or no such multipart upload any more."""


class Changed(Exception):
    """Somebody sent it again since it was looked at."""


class PartsUnfit(Exception):
    """The parts do not make a whole."""


@dataclass(frozen=True, slots=True)
class Signed:
    url: str
    headers: Mapping[str, str]
    """To be sent with it exactly; `Content-Length` is signed too, and set by whoever sends."""


@dataclass(frozen=True, slots=True)
class Form:
    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    size_bytes: int
    etag: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    size_bytes: int
    etag: str


@cache
def _client() -> Any:
    import botocore.session
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        connect_timeout=2,
        read_timeout=8,
        retries={"total_max_attempts": 2, "mode": "standard"},
        # An address is signed for what the client said it will send, not for a checksum of nothing.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"us_east_1_regional_endpoint": "regional"},
    )
    return botocore.session.get_session().create_client("s3", config=config)


def forget() -> None:
    """Drop the client: a test moved to another engine."""
    _client.cache_clear()


def bucket() -> str:
    """Raises UploadsOff."""
    name = settings().uploads_bucket
    if not name:
        log.warning("uploads_off", setting="SOUK_UPLOADS_BUCKET")
        raise UploadsOff
    return name


def public_url(key: str, base: str) -> str:
    """Where everybody sees a public file: below the shop's own `base`, or the stage's. Raises UploadsOff."""
    base = base or settings().uploads_public_base
    if not base:
        log.warning("uploads_off", setting="SOUK_UPLOADS_PUBLIC_BASE")
        raise UploadsOff
    return f"{base}/{key}"


def sign_put(key: str, *, content_type: str, size: int, sha256: str | None, seconds: int) -> Signed:
    """One PUT of exactly this size, type and, where it is given, checksum. Raises UploadsOff."""
    headers = {"Content-Type": content_type}
    pinned: dict[str, Any] = {"ContentType": content_type, "ContentLength": size}
    if sha256 is not None:
        headers["x-amz-checksum-sha256"] = pinned["ChecksumSHA256"] = sha256
    return Signed(_signed("put_object", seconds, Key=key, **pinned), headers)


def sign_form(key: str, *, content_type: str, size: int, sha256: str | None, seconds: int) -> Form:
    """The same as a form, for clients that can send nothing else (`wx.uploadFile`). Raises UploadsOff."""
    fields = {"Content-Type": content_type}
    if sha256 is not None:
        fields["x-amz-checksum-sha256"] = sha256
    conditions = [{name: value} for name, value in fields.items()]
    made = _client().generate_presigned_post(
        bucket(),
        key,
        Fields=dict(fields),
        Conditions=[*conditions, ["content-length-range", size, size]],
        ExpiresIn=seconds,
    )
    return Form(made["url"], made["fields"])


def sign_part(key: str, multipart_id: str, number: int, *, size: int, seconds: int) -> Signed:
    """One part of exactly this size. Raises UploadsOff."""
    url = _signed(
        "upload_part", seconds, Key=key, UploadId=multipart_id, PartNumber=number, ContentLength=size
    )
    return Signed(url, {})


def sign_get(key: str, *, content_type: str, file_name: str, seconds: int) -> str:
    """To be saved under its name, and shown by no browser. Raises UploadsOff."""
    return _signed(
        "get_object",
        seconds,
        Key=key,
        ResponseContentType=content_type,
        ResponseContentDisposition=_as_attachment(file_name),
    )


def begin_multipart(key: str, *, content_type: str, file_name: str) -> str:
    """The id of a new multipart upload. Raises UploadsOff, Unavailable."""
    answer = _asked(
        "create_multipart_upload",
        Key=key,
        ContentType=content_type,
        ContentDisposition=_as_attachment(file_name),
    )
    return str(answer["UploadId"])


def parts(key: str, multipart_id: str) -> list[Part]:
    """The parts that are there; of at most a thousand. Raises Vanished, UploadsOff, Unavailable."""
    answer = _asked("list_parts", Key=key, UploadId=multipart_id)
    return [Part(one["PartNumber"], one["Size"], one["ETag"]) for one in answer.get("Parts", [])]


def join(key: str, multipart_id: str, parts: list[Part]) -> None:
    """Make one file of its parts. Raises Vanished, PartsUnfit, UploadsOff, Unavailable."""
    named = [{"PartNumber": part.number, "ETag": part.etag} for part in parts]
    _asked("complete_multipart_upload", Key=key, UploadId=multipart_id, MultipartUpload={"Parts": named})


def abort(key: str, multipart_id: str) -> None:
    """Nothing happens when it is gone. Raises UploadsOff, Unavailable."""
    try:
        _asked("abort_multipart_upload", Key=key, UploadId=multipart_id)
    except Vanished:
        return


def look(key: str) -> Found | None:
    """What lies there, as S3 knows it. Raises UploadsOff, Unavailable."""
    try:
        answer = _asked("head_object", Key=key, ChecksumMode="ENABLED")
    except Vanished:
        return None
    return Found(answer["ContentLength"], answer["ETag"], answer.get("ChecksumSHA256"))


def first_bytes(key: str, etag: str, count: int) -> bytes:
    """Of exactly the object that was looked at, which is not empty.

    Raises Vanished, Changed, UploadsOff, Unavailable.
    """
    from botocore.exceptions import BotoCoreError

    answer = _asked("get_object", Key=key, IfMatch=etag, Range=f"bytes=0-{count - 1}")
    try:
        head: bytes = answer["Body"].read()
    except BotoCoreError as error:
        _unanswered("get_object", type(error).__name__)
        raise Unavailable(retry_after=2) from error
    return head


def copy(
    from_key: str, to_key: str, etag: str, *, content_type: str, is_public: bool, file_name: str
) -> None:
    """Copy exactly the object that was looked at. Raises Vanished, Changed, UploadsOff, Unavailable."""
    shown = {"CacheControl": _FOR_EVER} if is_public else {"ContentDisposition": _as_attachment(file_name)}
    _asked(
        "copy_object",
        Key=to_key,
        CopySource={"Bucket": bucket(), "Key": from_key},
        CopySourceIfMatch=etag,
        MetadataDirective="REPLACE",
        ContentType=content_type,
        **shown,
    )


def remove(key: str) -> None:
    """Nothing happens when it is gone. Raises UploadsOff, Unavailable."""
    _asked("delete_object", Key=key)


def remove_everything_of(tenant: str) -> int:
    """Remove every file of a shop that is deleted for good; answers how many. May be repeated after a stop.

    Two requests for each thousand. Raises UploadsOff, Unavailable.
    """
    count = 0
    for place in PLACES:
        while keys := _some_keys(f"{place}/{tenant}/"):
            _remove_all(keys)
            count += len(keys)
    return count


def _remove_all(keys: list[str]) -> None:
    """S3 answers 200 also where it kept some of them: asked for those again and again, it would never end."""
    answer = _asked("delete_objects", Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
    if kept := answer.get("Errors"):
        _unanswered("delete_objects", str(kept[0].get("Code", "")))
        raise Unavailable(retry_after=2)


def _some_keys(prefix: str) -> list[str]:
    """Up to a thousand, which is what one removal takes."""
    return [one["Key"] for one in _asked("list_objects_v2", Prefix=prefix).get("Contents", [])]


def _signed(call: str, seconds: int, **parameters: Any) -> str:
    url: str = _client().generate_presigned_url(
        call, Params={"Bucket": bucket(), **parameters}, ExpiresIn=seconds
    )
    return url


def _asked(call: str, **parameters: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: dict[str, Any] = breakers.of("s3").call(
            lambda: getattr(_client(), call)(Bucket=bucket(), **parameters), is_outage=is_outage
        )
    except ProviderResting as resting:
        raise Unavailable(retry_after=resting.retry_after) from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE or code in _NO_MULTIPART:
            raise Vanished(code) from None
        if code in _CHANGED:
            raise Changed(code) from None
        if code in _BAD_PARTS:
            raise PartsUnfit(code) from None
        reason = code
    except BotoCoreError as error:
        reason = type(error).__name__
    else:
        return answer
    _unanswered(call, reason)
    raise Unavailable(retry_after=2)


def _unanswered(call: str, reason: str) -> None:
    log.warning("files_unavailable", operation=call, reason=reason)


def _as_attachment(file_name: str) -> str:
    """RFC 6266: the name in UTF-8, and a plain one for those who cannot read that."""
    plain = "".join(char if char.isascii() and char.isprintable() else "_" for char in file_name)
    for char in '"\\;%':
        plain = plain.replace(char, "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
