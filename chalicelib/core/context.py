"""Who asks, for which tenant, when: the one argument every service function takes first."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from chalicelib.core import clock, ids
from chalicelib.core.text import Locale

ActorKind = Literal["visitor", "customer", "staff", "system", "provider"]
HOME = "default"
"""The platform's own tenant: what is of the whole installation stands in its key range."""
PLATFORM = "platform"
"""The module over all shops: who may do everything in one shop may do nothing there."""
OF_THE_INSTALLATION = frozenset({PLATFORM, "system", "jobs"})
"""Modules that `*` does not cover: what they are about is no single shop's."""


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    sees_own_only: bool = False
    """Of the shop's customers, only those they look after."""
    session_id: str = ""

    def may(self, permission: str) -> bool:
        module = permission.partition(":")[0]
        enough = (
            {permission, f"{module}:*"} if module in OF_THE_INSTALLATION else {permission, f"{module}:*", "*"}
        )
        return not enough.isdisjoint(self.permissions)


VISITOR = Actor("visitor")


@dataclass(slots=True)
class Act:
    """What a member of staff is about: every transaction of the request is recorded as part of it."""

    name: str
    """The operation's id."""
    targets: dict[str, str]
    """The things its path names."""
    reason: str = ""


@dataclass(slots=True)
class Idempotency:
    """One client's intention: the same key with the same request is the same act.

    `answer` turns what the service made into the bytes the client will get, so that effect and answer are
    stored in one transaction.
    """

    key: str
    request_hash: str
    answer: Callable[[Any], tuple[int, str]]
    kept: bool = False
    """Whether the answer was stored in a transaction of this request."""


@dataclass(frozen=True, slots=True)
class Context:
    tenant: str
    actor: Actor = VISITOR
    now: datetime = field(default_factory=lambda: clock.current().now())
    request_id: str = ""
    locale: Locale = "en"
    client_ip: str = ""
    guest_id: str = ""
    """A visitor's own cart: an id their device made, as unguessable as a token."""
    user_agent: str = ""
    idempotency: Idempotency | None = None
    act: Act | None = None

    @property
    def customer_id(self) -> str:
        """The signed-in person's id: the owner part of every key they may address."""
        if not self.actor.id:
            raise LookupError("no one is signed in")
        return self.actor.id

    def new_id(self, prefix: str) -> str:
        return ids.new_id(prefix, self.now)

    def fresh(self) -> "Context":
        """The same caller at the present instant: for work that may outlast its first `now`."""
        return replace(self, now=clock.current().now())


def system(tenant: str, request_id: str = "") -> Context:
    """The shop itself acting: a job, a stream record, a start-up task."""
    return Context(tenant=tenant, actor=Actor("system", id="system"), request_id=request_id)
