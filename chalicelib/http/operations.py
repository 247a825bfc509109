"""The typed route: one decorator reads the signature and yields an `Operation`, which the front door serves
and the OpenAPI document describes."""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from chalicelib.core.context import Context
from chalicelib.core.errors import SoukError
from chalicelib.http.permissions import Permission
from chalicelib.http.schemas import Body, Query, View

Handler = TypeVar("Handler", bound=Callable[..., Any])
_PATH_PARAM = re.compile(r"\{(\w+)\}")
_USUAL_BODY_BYTES = 256 * 1024


class Idempotent(Enum):
    NO = "no"
    ACCEPTED = "accepted"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `limit` uses per `window_seconds` by one `per`: `ip`, `user`, or `guest` (visitors alone, by ip)."""

    limit: int
    window_seconds: int
    per: str = "ip"


@dataclass(frozen=True, slots=True)
class Raw:
    """What a webhook gets: the bytes as they came, and the headers in lower case."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer that is not a model: a page, a script, a provider's acknowledgement."""

    body: str
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    method: str
    path: str
    handler: Callable[..., Any]
    permission: Permission
    status: int
    answer: type[View] | None
    body: type[Body] | None
    query: type[Query] | None
    wants_raw: bool
    wants_if_match: bool
    wants_if_none_match: bool
    """It answers with an ETag, and 304 to who has that one."""
    path_params: dict[str, TypeAdapter[Any]]
    idempotent: Idempotent
    rate_limit: RateLimit | None
    errors: tuple[type[SoukError], ...]
    tag: str
    body_bytes: int
    content_types: tuple[str, ...]
    answer_types: tuple[str, ...]
    audited: bool
    """Its transactions are entries of the audit log: every staff route that is more than a look."""
    sensitive: bool
    """It asks that its caller proved their password a moment ago."""
    tenant: bool
    """False: the route belongs to no shop, asks nobody who calls, and costs no look-up."""

    @property
    def id(self) -> str:
        return f"{self.tag}_{self.handler.__name__}"

    @property
    def takes_body(self) -> bool:
        return self.body is not None or self.wants_raw

    @property
    def description(self) -> str:
        return inspect.getdoc(self.handler) or ""

    def render(self, result: Any) -> tuple[int, str]:
        """The status and body bytes that stand for what the handler answered."""
        if result is None or self.answer is None:
            return self.status, ""
        view = result if isinstance(result, self.answer) else self.answer.of(result)
        return self.status, view.model_dump_json()


class Routes:
    """One domain's routes. `@routes.post("/v1/orders", permission=…)` above a function makes an operation of it.

    The signature says what comes in: `ctx` first, then the path's parameters by name, `query`, `body`, `raw`,
    `if_match`, `if_none_match`. The return annotation (or `answer`) says what goes out.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.route("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.route("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.route("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.route("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        return self.route("DELETE", path, **options)

    def route(  # noqa: PLR0913 - a route says all of this, or takes the default
        self,
        method: str,
        path: str,
        *,
        permission: Permission,
        status: int = 200,
        answer: type[View] | None = None,
        idempotent: Idempotent = Idempotent.NO,
        rate_limit: RateLimit | None = None,
        errors: Sequence[type[SoukError]] = (),
        body_bytes: int = _USUAL_BODY_BYTES,
        content_types: Sequence[str] = ("application/json",),
        answer_types: Sequence[str] = ("application/json",),
        tenantless: bool = False,
        audited: bool | None = None,
        sensitive: bool = False,
    ) -> Callable[[Handler], Handler]:
        """`audited` is for a GET that takes something out or shows a secret: its handler calls `store.note`."""
        if path.endswith("/"):
            raise ValueError(f"{path}: a path has no trailing slash")
        if audited is None:
            audited = permission.kind == "staff" and method != "GET"

        def register(handler: Handler) -> Handler:
            self.operations.append(
                _operation(
                    handler,
                    method=method,
                    path=path,
                    permission=permission,
                    status=status,
                    answer=answer,
                    idempotent=idempotent,
                    rate_limit=rate_limit,
                    errors=tuple(errors),
                    tag=self.tag,
                    body_bytes=body_bytes,
                    content_types=tuple(content_types),
                    answer_types=tuple(answer_types),
                    audited=audited,
                    sensitive=sensitive,
                    tenant=not tenantless,
                )
            )
            return handler

        return register


def _operation(
    handler: Callable[..., Any], *, path: str, answer: type[View] | None, **known: Any
) -> Operation:
    signature = inspect.signature(handler, eval_str=True)
    in_path = _PATH_PARAM.findall(path)
    body: type[Body] | None = None
    query: type[Query] | None = None
    path_params: dict[str, TypeAdapter[Any]] = {}
    special: set[str] = set()
    for name, parameter in signature.parameters.items():
        kind = parameter.annotation
        if name in in_path:
            path_params[name] = TypeAdapter(kind)
        elif kind is Context or kind is Raw or name in ("if_match", "if_none_match"):
            special.add(name)
        elif isinstance(kind, type) and issubclass(kind, Body):
            body = kind
        elif isinstance(kind, type) and issubclass(kind, Query):
            query = kind
        else:
            raise TypeError(f"{handler.__name__}: cannot bind {name}: {kind}")
    if missing := set(in_path) - set(path_params):
        raise TypeError(f"{handler.__name__} does not take {missing} of its path {path}")
    returned = signature.return_annotation
    if answer is None and isinstance(returned, type) and issubclass(returned, BaseModel):
        answer = returned  # type: ignore[assignment]  # a BaseModel answer that is no View fails in render
    return Operation(
        handler=handler,
        path=path,
        answer=answer,
        body=body,
        query=query,
        path_params=path_params,
        wants_raw=any(parameter.annotation is Raw for parameter in signature.parameters.values()),
        wants_if_match="if_match" in special,
        wants_if_none_match="if_none_match" in special,
        **known,
    )
