"""Write the table of docs/admin-guide.md: what each role may do, from the routes and the roles. The rest is by hand."""

from __future__ import annotations

import sys
from collections import defaultdict

from chalicelib.core.context import Actor
from chalicelib.http.operations import Operation
from chalicelib.identity.roles import ROLES, permissions_of
from chalicelib.tenants.entities import HOME
from infra.tools import app, generated

PATH = generated.DOCS / "admin-guide.md"
_BEGIN, _END = "<!-- made by infra/tools/admin_guide.py -->", "<!-- end of what is made -->"


def staff_operations() -> dict[str, list[Operation]]:
    """Tag → what the staff can do there, in the order of paths."""
    found: dict[str, list[Operation]] = defaultdict(list)
    for op in sorted(app.declared().operations, key=lambda op: (op.path, op.method)):
        if op.permission.kind == "staff":
            found[op.tag].append(op)
    return dict(sorted(found.items()))


def roles_for(permission: str) -> list[str]:
    """The built-in roles that hold it, besides super_admin, who holds everything."""
    return [
        role
        for role in ROLES
        if role != "super_admin"
        and Actor("staff", permissions=permissions_of(frozenset({role}), HOME)).may(permission)
    ]


def _said(op: Operation) -> str:
    """The first sentence of its docstring, as the API document has it."""
    return " ".join(op.description.partition("\n\n")[0].split())


def made() -> str:
    parts = []
    for tag, operations in staff_operations().items():
        parts += [f"### {tag}", "", "| what | route | permission | roles |", "|---|---|---|---|"]
        for op in operations:
            roles = ", ".join(roles_for(op.permission.name)) or "super_admin alone"
            again = " *Password again.*" if op.sensitive else ""
            parts.append(
                f"| {_said(op)}{again} | `{op.method} {op.path}` | `{op.permission.name}` | {roles} |"
            )
        parts.append("")
    return "\n".join(parts)


def text() -> str:
    """The page with its tables renewed."""
    before, _, rest = PATH.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{made()}\n{_END}{after}"


if __name__ == "__main__":
    sys.exit(generated.run(PATH, text))
