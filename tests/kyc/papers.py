"""Papers as a customer sends them, and staff of every kind to look at them."""

import base64
from typing import Any

from tests.shop import Answer, Person, Shop, send

JPEG = b"\xff\xd8\xff\xe0" + b"face " * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"back " * 40
NUMBER = "11010519491231002X"
PLAIN = (NUMBER, "林一", "1949-12-31")
"""What no item, no row and no closed answer may hold."""


def image(side: str, content: bytes = JPEG) -> dict[str, str]:
    return {"side": side, "content": base64.b64encode(content).decode()}


def papers(**fields: Any) -> dict[str, Any]:
    return {
        "document_type": "id_card",
        "real_name": "林一",
        "document_number": NUMBER,
        "birth_date": "1949-12-31",
        "documents": [image("front"), image("back", PNG)],
        **fields,
    }


PASSPORT = papers(document_type="passport", document_number="E12345678", documents=[image("front")])


def submit(person: Person, **fields: Any) -> dict[str, Any]:
    answer = person.post("/v1/me/kyc", papers(**fields))
    assert answer.status == 201, answer.text
    kyc: dict[str, Any] = answer.json
    return kyc


def status(person: Person) -> str:
    return str(person.get("/v1/me/kyc").json["status"])


def decide(reviewer: Person, customer: Person, act: str, **kw: Any) -> Answer:
    body = kw.pop("body", {"reason": "blurred"} if act == "reject" else {})
    return reviewer.post(f"/v1/admin/kyc/{customer.id}/{act}", body, **kw)


def approved(shop: Shop, person: Person, **body: Any) -> dict[str, Any]:
    submit(person)
    answer = decide(shop.admin, person, "approve", body=body)
    assert answer.status == 200, answer.text
    kyc: dict[str, Any] = answer.json
    return kyc


def staff_member(shop: Shop, role: str) -> Person:
    """A customer given a role, signed in again."""
    from chalicelib.identity.entities import User, user_ref
    from chalicelib.store import update

    person = shop.customer(role)
    update(User, user_ref("default", person.id), set={"roles": frozenset({role})})
    answer = send(
        "POST", "/v1/auth/login", {"login": person.user["email"], "password": "correct horse battery"}
    )
    assert answer.json["user"]["roles"] == [role], answer.text
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def queue(reviewer: Person, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reviewer.get(f"/v1/admin/kyc?{query}").json["data"]
    return rows


def case(reviewer: Person, customer: Person) -> dict[str, Any]:
    answer = reviewer.get(f"/v1/admin/kyc/{customer.id}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def messages(shop: Shop, person: Person, language: str = "en") -> list[tuple[str, str]]:
    """What the customer is told, once every event so far is delivered."""
    from tests.jobs import stream

    assert stream() == {"batchItemFailures": []}
    told = person.get("/v1/me/notifications", headers={"accept-language": language}).json["data"]
    return [(message["title"], message["text"]) for message in told]
