"""What customers and staff do with files, each route once. The bytes go to the emulator, as they go to S3."""

from __future__ import annotations

import urllib.request
from typing import Any

from infra.cost.walker import Walker

_PICTURE = b"\x89PNG\r\n\x1a\n" + b"a picture of a cup" * 4
_BOOK_BYTES = 9 * 1024 * 1024
"""Too large for one piece."""


def keep_files(walk: Walker, token: str) -> None:
    admin = walk.shop.admin
    mine = _sent(walk, walk.do("POST", "/v1/uploads", _picture("avatar"), token))
    walk.do("POST", f"/v1/uploads/{mine}/complete", token=token)
    walk.do("GET", "/v1/uploads", token=token)
    walk.do("GET", f"/v1/uploads/{mine}", token=token)
    walk.do("GET", f"/v1/uploads/{mine}/link", token=token)
    walk.do("DELETE", f"/v1/uploads/{mine}", token=token)
    _in_parts(walk, admin)
    shown = _sent(walk, walk.get_ready("POST", "/v1/uploads", _picture("product_image"), admin))
    walk.get_ready("POST", f"/v1/uploads/{shown}/complete", None, admin)
    walk.do("GET", "/v1/admin/uploads", token=admin)
    walk.do("GET", "/v1/admin/uploads/space", token=admin)
    walk.do("GET", f"/v1/admin/uploads/{shown}", token=admin)
    walk.do("GET", f"/v1/admin/uploads/{shown}/link", token=admin)
    walk.do("DELETE", f"/v1/admin/uploads/{shown}", token=admin)


def _picture(kind: str) -> dict[str, Any]:
    return {"kind": kind, "file_name": "cup.png", "content_type": "image/png", "size_bytes": len(_PICTURE)}


def _sent(walk: Walker, announced: dict[str, Any]) -> str:
    put = announced["put"]
    request = urllib.request.Request(put["url"], _PICTURE, put.get("headers", {}), method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - the emulator's own address
        return str(announced["id"])


def _in_parts(walk: Walker, admin: str) -> None:
    wish = {
        "kind": "file_for_sale",
        "file_name": "book.zip",
        "content_type": "application/zip",
        "size_bytes": _BOOK_BYTES,
    }
    book = walk.get_ready("POST", "/v1/uploads", wish, admin)["id"]
    walk.do("POST", f"/v1/uploads/{book}/parts", {"numbers": [1, 2]}, admin)
    walk.do("GET", f"/v1/uploads/{book}/parts", token=admin)
    walk.get_ready("DELETE", f"/v1/uploads/{book}", None, admin)
