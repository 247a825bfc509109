"""Which problems an operation may answer with: its own rules', and before them the front door's."""

from collections.abc import Iterable

from chalicelib.core.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    SoukError,
    TooMany,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from chalicelib.http.front import BodyTooLarge, BodyUnreadable, KeyRequired
from chalicelib.http.operations import Idempotent, Operation
from chalicelib.http.ports import Refusals
from chalicelib.http.problem import MethodNotAllowed, NotJson, Unexpected, status_of

ByStatus = dict[int, dict[str, type[SoukError]]]
"""status → problem code → the error behind it."""

ANYWHERE: tuple[type[SoukError], ...] = (MethodNotAllowed, NotFound, Unexpected)
"""What no operation gives by itself: no such method, no such path, a fault of ours."""


def of(op: Operation, plugged: Refusals) -> ByStatus:
    """Every problem this operation may answer with, by status and code, both in order."""
    return grouped([*op.errors, *_from_the_door(op, plugged)])


def of_all(operations: Iterable[Operation], plugged: Refusals) -> ByStatus:
    """Every problem of the whole API."""
    found = list(ANYWHERE)
    for op in operations:
        for by_code in of(op, plugged).values():
            found.extend(by_code.values())
    return grouped(found)


def grouped(errors: Iterable[type[SoukError]]) -> ByStatus:
    grouped: ByStatus = {}
    for error in errors:
        # the first of a code stays: an operation's own error says more than the door's of the same code
        grouped.setdefault(status_of(error), {}).setdefault(error.code, error)
    return {status: dict(sorted(by_code.items())) for status, by_code in sorted(grouped.items())}


def _from_the_door(op: Operation, plugged: Refusals) -> list[type[SoukError]]:
    found: list[type[SoukError]] = [Invalid]  # a query parameter nobody knows
    if op.tenant:
        found += [Unavailable, *_of_the_caller(op, plugged)]
    if op.path_params:
        found.append(NotFound)
    if op.takes_body:
        found += [BodyUnreadable, BodyTooLarge]
        if "*/*" not in op.content_types:
            found.append(UnsupportedMedia)
    if op.body is not None:
        found.append(NotJson)
    if op.query is not None and "cursor" in op.query.model_fields:
        found += plugged.cursor
    if op.rate_limit is not None:
        found.append(TooMany)
    if op.wants_if_match:
        found.append(PreconditionFailed)
    if op.idempotent is not Idempotent.NO:
        found += [KeyRequired, *plugged.key]
    return found


def _of_the_caller(op: Operation, plugged: Refusals) -> list[type[SoukError]]:
    found: list[type[SoukError]] = [*plugged.tenant]
    if op.permission.kind == "tokenless":
        return found
    found += [Unauthenticated, *plugged.token]
    if op.permission.kind != "public":
        found += plugged.session
    if op.permission.kind == "staff":
        found.append(Forbidden)
    if op.sensitive:
        found += plugged.sensitive
    return found
