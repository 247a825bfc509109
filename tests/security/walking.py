"""Every route, tried by everybody, over what is theirs, another user's, and another shop's."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalicelib.http.operations import Operation
from chalicelib.identity import service as who
from chalicelib.identity.entities import Session
from chalicelib.identity.roles import ROLES
from chalicelib.store import client
from chalicelib.store.client import table_name
from chalicelib.tenants import service as tenants
from tests.http.described import OPERATIONS, body_of
from tests.jobs import of_kind
from tests.security.belongings import BODIES, Things
from tests.shop import Person, send

MATRIX = Path(__file__).with_name("access_matrix.csv")
WHO = ("visitor", "customer", *ROLES)
WHOSE = ("own", "other", "foreign")
NOTHING = "-"
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})

Cells = dict[str, str]
"""Who → `own/other/foreign`, each `ok`, the status that refused them, or `-` where there is no such case."""


class Wrote(BaseException):
    """A handler came as far as to write: nobody had refused. No `except Exception` may take it for a fault."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self.parameters = parameters


@contextmanager
def stopped_before_writing() -> Iterator[None]:
    """So that a walk over a thousand routes finds the shop as the first one did."""

    def stop(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in _WRITES and not _is_counting(params):
            raise Wrote(params)

    events = client.client().meta.events
    events.register_first("provide-client-params.dynamodb", stop)
    try:
        yield
    finally:
        events.unregister("provide-client-params.dynamodb", stop)


def _is_counting(params: dict[str, Any]) -> bool:
    """A try is counted, and one that failed is written down, before and after somebody is refused."""
    key, parts = str(params.get("Key")), params.get("TransactItems", [])
    return "#RATE#" in key or (len(parts) == 1 and "#SIGN_INS" in str(parts))


def reach(op: Operation, things: Things, token: str, *, writes: bool) -> int:
    """The status of a request for what is another's; 404 for an empty list.

    `writes` lets it write: for what must be refused by what the write meets.
    """
    return _send(op, things, token) if writes else attempt(op, things, token)[0]


def attempt(op: Operation, things: Things, token: str) -> tuple[int, Wrote | None]:
    """The status of one request, or the write it came to."""
    try:
        with stopped_before_writing():
            return _send(op, things, token), None
    except Wrote as wrote:
        return 200, wrote


def _send(op: Operation, things: Things, token: str) -> int:
    things = things.for_operation(op.id)
    path = re.sub(r"\{(\w+)\}", lambda found: things[found.group(1)], op.path)
    body = BODIES[op.id](things) if op.id in BODIES else body_of(op)
    headers = {"idempotency-key": f"walk-{op.id}"}
    raw = None if op.method != "GET" else b""
    answer = send(op.method, path, body, token=token, headers=headers, raw=raw)
    if (
        op.path_params
        and op.method == "GET"
        and answer.status == 200
        and answer.text.startswith('{"data":[],')
    ):
        return 404
    return answer.status


def outcome(status: int) -> str:
    """What a matrix says of an answer: refused for who asks, or not."""
    return str(status) if status in (401, 403, 404) else "ok"


def has_other(op: Operation, shared: frozenset[str]) -> bool:
    """Whether another user of the same shop could have such a thing, and it is not for all to see."""
    return bool(set(op.path_params) - shared) and op.permission.kind != "staff"


def has_foreign(op: Operation, global_: frozenset[str]) -> bool:
    return bool(set(op.path_params) - global_)


def with_role(person: Person, tenant: str, role: str | None) -> str:
    """A token of this person in that role, whatever the rules of granting say: put straight into the session."""
    for item in of_kind("session"):
        if item["user_id"]["S"] == person.id:
            item.pop("roles", None)
            if role is not None:
                item["roles"] = {"SS": [role]}
            client.client().put_item(TableName=table_name(), Item=item)
            assert Session.from_wire(item).tenant == tenant
    who.forget_sessions()
    return person.access_token


def outsider() -> Person:
    """A customer of another shop in the same table."""
    tenants.ensure("other", "Another shop")
    answer = send(
        "POST",
        "/v1/auth/register",
        {"email": "eve@example.com", "password": "correct horse battery"},
        headers={"x-tenant": "other"},
        ip="192.0.2.9",
    )
    assert answer.status == 201, answer.text
    return Person(answer.json["user"], answer.json["access_token"], answer.json["refresh_token"])


def read_matrix() -> dict[str, Cells]:
    with MATRIX.open(encoding="utf-8", newline="") as lines:
        return {row.pop("operation"): row for row in csv.DictReader(lines)}


def write_matrix(rows: dict[str, Cells]) -> None:
    with MATRIX.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["operation", *WHO], lineterminator="\n")
        writer.writeheader()
        for name in sorted(rows):
            writer.writerow({"operation": name, **rows[name]})


def name_of(op: Operation) -> str:
    return f"{op.method} {op.path}"


EVERY = {name_of(op): op for op in OPERATIONS}
