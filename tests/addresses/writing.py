"""An address as a client sends it."""

from typing import Any

from chalicelib.addresses.entities import AddressBook, address_book_ref
from chalicelib.core import ids
from chalicelib.core.context import system
from chalicelib.store import get, transaction
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


def add_many(person: Person, count: int, **fields: Any) -> None:
    """The first by its route, the others put beside it: fifty requests would tell no more than one."""
    add(person, **fields)
    kept = get(AddressBook, address_book_ref("default", person.id))
    assert kept is not None
    one = kept.addresses[-1]
    others = [one.model_copy(update={"id": ids.new_id("adr", one.created_at)}) for _ in range(count - 1)]
    kept.addresses = [*kept.addresses, *others]
    with transaction(system("default")) as tx:
        tx.replace("book", kept)


def book(person: Person) -> list[dict[str, Any]]:
    """The whole book, newest first."""
    found: list[dict[str, Any]] = person.get("/v1/me/addresses?limit=100").json["data"]
    return found


def defaults(person: Person) -> list[str]:
    return [address["id"] for address in book(person) if address["is_default"]]
