"""What a client does with a file: announce it, send it to the signed address, complete it."""

import base64
import hashlib
from typing import Any

import requests

from chalicelib.media import storage
from tests.shop import Answer, Person, Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture of a cup" * 4
PDF = b"%PDF-1.7\n" + b"a paper" * 10
ZIP = b"PK\x03\x04" + b"a book" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"another picture" * 4
MIB = 1024 * 1024

WISHES: dict[str, tuple[bytes, str, str]] = {
    "avatar": (PNG, "lin.png", "image/png"),
    "product_image": (PNG, "cup.png", "image/png"),
    "shop_image": (JPEG, "logo.jpg", "image/jpeg"),
    "kyc_document": (PDF, "paper.pdf", "application/pdf"),
    "file_for_sale": (ZIP, "book.zip", "application/zip"),
}
"""Of each kind: a body, a name, a type."""


def sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def announce(person: Person, kind: str = "avatar", body: bytes | None = None, **other: Any) -> Answer:
    usual, name, content_type = WISHES[kind]
    key = other.pop("key", None)
    wish = {
        "kind": kind,
        "file_name": name,
        "content_type": content_type,
        "size_bytes": len(usual if body is None else body),
        **other,
    }
    return person.post("/v1/uploads", wish, key=key)


def send_to(address: dict[str, Any], body: bytes) -> Any:
    """PUT as a browser would, through moto."""
    answer = requests.put(address["url"], data=body, headers=address.get("headers", {}), timeout=5)
    assert answer.status_code == 200, answer.text
    return answer


def complete(person: Person, upload_id: str, **how: Any) -> Answer:
    return person.post(f"/v1/uploads/{upload_id}/complete", **how)


def sent(person: Person, kind: str = "avatar", body: bytes | None = None, **other: Any) -> str:
    """The id of an upload that was sent and not completed."""
    usual = WISHES[kind][0] if body is None else body
    answer = announce(person, kind, usual, **other)
    assert answer.status == 201, answer.text
    send_to(answer.json["put"], usual)
    return str(answer.json["id"])


def uploaded(person: Person, kind: str = "avatar", body: bytes | None = None, **other: Any) -> dict[str, Any]:
    answer = complete(person, sent(person, kind, body, **other))
    assert answer.status == 200, answer.text
    done: dict[str, Any] = answer.json
    return done


def lies(upload_id: str) -> set[str]:
    """In which of the three places the file lies now."""
    places = ("quarantine", "public", "private")
    return {place for place in places if storage.look(f"{place}/default/{upload_id}") is not None}


def behind_the_back(upload_id: str, body: bytes, at: str = "quarantine") -> None:
    """As whoever got round the signature would."""
    storage._client().put_object(Bucket=storage.bucket(), Key=f"{at}/default/{upload_id}", Body=body)


def used(shop: Shop) -> tuple[int, int, int]:
    """Bytes used, bytes of them reserved, files."""
    space = shop.admin.get("/v1/admin/uploads/space").json
    return space["used_bytes"], space["reserved_bytes"], space["files"]
