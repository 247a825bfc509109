"""The code as data: its modules, what they import, and what they call, read by `ast` and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "chalicelib"


@dataclass(frozen=True)
class Module:
    name: str
    """For example `chalicelib.orders.states`."""
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """`orders`; empty for `app` and for the package itself."""
        return room_of(self.name)


@dataclass(frozen=True)
class Import:
    """One name that a module takes from another."""

    by: Module
    module: str
    """What is imported, or what it is imported from: the most exact module there is."""
    name: str
    """The name taken out of `module`; empty when the module itself is taken."""
    line: int

    @property
    def room(self) -> str:
        return room_of(self.module)

    @property
    def chapter(self) -> str:
        """`states` of `chalicelib.orders.states`; empty for the room itself."""
        return ".".join(self.module.split(".")[2:])

    def __str__(self) -> str:
        return f"{self.by.path.relative_to(ROOT)}:{self.line}: imports {self.name or self.module} of {self.module}"


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else ""


@cache
def modules() -> tuple[Module, ...]:
    """`app.py` and everything that ships with it."""
    found = [_read(ROOT / "app.py")]
    found += [_read(path) for path in sorted((ROOT / PACKAGE).rglob("*.py"))]
    return tuple(found)


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))


@cache
def imports() -> tuple[Import, ...]:
    """Every import, also those inside functions and under TYPE_CHECKING."""
    return tuple(one for module in modules() for one in _imports_of(module))


def _imports_of(module: Module) -> Iterator[Import]:
    known = {one.name for one in modules()}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{module.path}:{node.lineno}: imports are absolute here")
            source = node.module or ""
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (
                    Import(module, inner, "", node.lineno)
                    if inner in known
                    else Import(module, source, alias.name, node.lineno)
                )


def calls_of(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of a function by one of these names, whether bare or as an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = (
                called.id
                if isinstance(called, ast.Name)
                else called.attr
                if isinstance(called, ast.Attribute)
                else ""
            )
            if name in names:
                yield node
