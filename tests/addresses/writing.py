"""An address as a client sends it."""

from typing import Any

from tests.shop import Person

HOME: dict[str, Any] = {
    "recipient": "林一",
    "phone": "13800000000",
    "country": "CN",
    "province": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "line1": "文三路 1 号",
}


def wish(**fields: Any) -> dict[str, Any]:
    return {**HOME, **fields}


def add(person: Person, **fields: Any) -> str:
    answer = person.post("/v1/me/addresses", wish(**fields))
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def book(person: Person) -> list[dict[str, Any]]:
    """The whole book, newest first."""
    found: list[dict[str, Any]] = person.get("/v1/me/addresses?limit=100").json["data"]
    return found


def defaults(person: Person) -> list[str]:
    return [address["id"] for address in book(person) if address["is_default"]]
