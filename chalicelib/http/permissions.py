"""Who may use a route. Deny by default: a route that names no permission fails at import."""

import re
from dataclasses import dataclass
from typing import Literal

_NAME = re.compile(r"^[a-z_]+:[a-z_]+$")


@dataclass(frozen=True, slots=True)
class Permission:
    kind: Literal["public", "customer", "staff"]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.kind


PUBLIC = Permission("public")
"""Anyone. A token that comes along only chooses the tenant."""
CUSTOMER = Permission("customer")
"""Any signed-in person, over what is theirs."""


def staff(name: str) -> Permission:
    """A person whose roles hold `module:action`."""
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is not module:action")
    return Permission("staff", name)
