"""Who may use a route. Deny by default: a route that names no permission fails at import."""

import re
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"^[a-z_]+:[a-z_]+$")


@dataclass(frozen=True, slots=True)
class Permission:
    kind: Literal["tokenless", "public", "customer", "either", "staff"]
    name: str = ""

    @property
    def admits_visitors(self) -> bool:
        return self.kind in ("tokenless", "public", "either")

    def __str__(self) -> str:
        return self.name or self.kind


TOKENLESS = Permission("tokenless")
"""Anyone. A token that comes along is not looked at: signing in must work beside an expired one."""
PUBLIC = Permission("public")
"""Anyone. A token that comes along only chooses the tenant."""
CUSTOMER = Permission("customer")
"""Any signed-in person, over what is theirs."""
CUSTOMER_OR_GUEST = Permission("either")
"""A signed-in person over what is theirs, or a visitor over their guest cart. A token that comes is fully checked."""


def staff(name: str) -> Permission:
    """A person whose roles hold `module:action`."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not module:action")
    return Permission("staff", name)
