"""What a CDN does for a deployed shop: `/files/public/…` is the public part of the bucket, open to everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "/files"
_PUBLIC = "public/"
_PASSED_ON = {"ContentType": "Content-Type", "CacheControl": "Cache-Control", "ETag": "ETag"}


@dataclass(frozen=True, slots=True)
class Bucket:
    client: Any
    name: str


class PublicFiles:
    """A WSGI application before another: it answers what lies under `BASE`, and passes on the rest."""

    def __init__(
        self, inner: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]], bucket: Bucket
    ) -> None:
        self._inner = inner
        self._bucket = bucket

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{BASE}/"):
            return self._inner(environ, start_response)
        status, headers, body = self._answer(environ["REQUEST_METHOD"], path.removeprefix(f"{BASE}/"))
        start_response(f"{status} {status.phrase}", [*headers, ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, method: str, key: str) -> tuple[HTTPStatus, list[tuple[str, str]], bytes]:
        if method not in ("GET", "HEAD"):
            return HTTPStatus.METHOD_NOT_ALLOWED, [("Allow", "GET, HEAD")], b""
        if not key.startswith(_PUBLIC) or ".." in key.split("/"):
            return HTTPStatus.NOT_FOUND, [], b""
        try:
            found = self._bucket.client.get_object(Bucket=self._bucket.name, Key=key)
        except ClientError:
            return HTTPStatus.NOT_FOUND, [], b""
        headers = [(name, str(found[field])) for field, name in _PASSED_ON.items() if field in found]
        headers += [("X-Content-Type-Options", "nosniff"), ("Access-Control-Allow-Origin", "*")]
        return HTTPStatus.OK, headers, found["Body"].read()
