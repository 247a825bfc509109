"""Who attacks, and what they hold: staff of one role, another shop's people, an app event as large as it gets."""

import json
from typing import Any

from chalicelib.http.operations import Operation
from chalicelib.identity.entities import User, user_ref
from chalicelib.store import update
from tests.http.described import address, body_of
from tests.identity.people import PASSWORD, log_in
from tests.shop import Answer, Person, Shop, send

KEY = {"idempotency-key": "an-attack"}


def staff_of(shop: Shop, role: str) -> Person:
    """A member of the staff who holds this role and nothing else."""
    person = shop.customer(role)
    update(User, user_ref("default", person.id), set={"roles": frozenset({role})})
    answer = log_in(person.user["email"], PASSWORD, ip=f"192.0.2.{len(role)}")
    assert answer.json["user"]["roles"] == [role]
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def knock(op: Operation, token: str = "", body: dict[str, Any] | None = None, **kw: Any) -> Answer:
    """A well-formed request for things that do not exist."""
    return send(op.method, address(op), body_of(op) if body is None else body, token=token, headers=KEY, **kw)


def strange_fields(answer: Any, allowed: set[str], path: str = "") -> list[str]:
    """Names of fields, at any depth, that no answer may hold."""
    found: list[str] = []
    if isinstance(answer, dict):
        for name, inner in answer.items():
            found += [] if name in allowed else [f"{path}.{name}"]
            found += strange_fields(inner, allowed, f"{path}.{name}")
    elif isinstance(answer, list):
        for inner in answer:
            found += strange_fields(inner, allowed, path)
    return found


def nested(levels: int) -> bytes:
    return json.dumps(json.loads('{"a":' * levels + "1" + "}" * levels)).encode()
