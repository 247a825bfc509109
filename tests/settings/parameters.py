"""What these tests do again and again: look at a parameter, change it, put it back."""

from typing import Any

from tests.shop import Answer, Person

URL = "/v1/admin/settings/parameters"


def put(person: Person, name: str, value: Any, *, reason: str | None = None, **headers: str) -> Answer:
    body = {"value": value} | ({"reason": reason} if reason else {})
    return person.put(f"{URL}/{name}", body, headers=headers)


def switch_off(person: Person, name: str) -> None:
    answer = put(person, name, value=False)
    assert (answer.status, answer.json["value"]) == (200, False), answer.text
