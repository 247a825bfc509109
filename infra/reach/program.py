"""The code as data: modules, classes, functions and globals under their full names, and what a name stands for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from infra.tools import code
from infra.tools.code import Module

Def = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """The code does something whose reach cannot be told. The message says where, and what to do about it."""


@dataclass(frozen=True, eq=False)
class Class:
    name: str
    """`chalicelib.store.transactions.Transaction`."""
    module: str
    node: ast.ClassDef
    bases: tuple[str, ...]
    """Full names, of ours and of others."""
    methods: dict[str, Function] = field(default_factory=dict)
    attributes: dict[str, tuple[ast.expr | None, ast.expr | None]] = field(default_factory=dict)
    """Name → (annotation, value)."""


@dataclass(frozen=True, eq=False)
class Function:
    name: str
    module: str
    node: Def
    owner: Class | None = None

    @property
    def decorators(self) -> list[str]:
        return [_dotted(one.func if isinstance(one, ast.Call) else one) for one in self.node.decorator_list]

    @property
    def parameters(self) -> list[ast.arg]:
        given = self.node.args
        return [*given.posonlyargs, *given.args, *given.kwonlyargs]

    @property
    def is_bound(self) -> bool:
        """Whether its first parameter is filled by the object or class it stands on."""
        return self.owner is not None and "staticmethod" not in self.decorators

    def where(self, node: ast.AST) -> str:
        return f"{self.name}, line {getattr(node, 'lineno', 0)}"


@dataclass(frozen=True, eq=False)
class Global:
    name: str
    module: str
    annotation: ast.expr | None
    value: ast.expr | None


Thing = Module | Class | Function | Global | str
"""What a name stands for. A `str` is the full name of something that is not ours."""


class Program:
    """`modules` are all there is; every import of anything else leads outside."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = {one.name: one for one in modules}
        self.names: dict[str, dict[str, str]] = {}
        """Module → its names → their full names. Imports inside functions count for the whole module."""
        self.things: dict[str, Thing] = dict(self.modules)
        for module in modules:
            self.names[module.name] = dict(_imported(module))
        for module in modules:
            self._read(module)

    def _read(self, module: Module) -> None:
        names = self.names[module.name]
        for node in _top_level(module.tree):
            if isinstance(node, Def):
                self._add(names, node.name, Function(f"{module.name}.{node.name}", module.name, node))
            elif isinstance(node, ast.ClassDef):
                self._add(names, node.name, self._class(module, node))
            else:
                for name, annotation, value in _assigned(node):
                    self._add(names, name, Global(f"{module.name}.{name}", module.name, annotation, value))

    def _add(self, names: dict[str, str], name: str, thing: Class | Function | Global) -> None:
        names[name] = thing.name
        self.things[thing.name] = thing

    def _class(self, module: Module, node: ast.ClassDef) -> Class:
        bases = tuple(
            self.full_name(module.name, base.value if isinstance(base, ast.Subscript) else base)
            for base in node.bases
        )
        made = Class(f"{module.name}.{node.name}", module.name, node, bases)
        for inner in _top_level(node):
            if isinstance(inner, Def):
                made.methods[inner.name] = Function(f"{made.name}.{inner.name}", module.name, inner, made)
                self.things[f"{made.name}.{inner.name}"] = made.methods[inner.name]
            for name, annotation, value in _assigned(inner):
                made.attributes[name] = (annotation, value)
        return made

    def full_name(self, module: str, expression: ast.expr) -> str:
        """Of a name or dotted name as it stands in `module`; its own text where nothing of that name is known."""
        first, _, rest = _dotted(expression).partition(".")
        known = self.names[module].get(first)
        if known is None:
            known = f"builtins.{first}" if hasattr(builtins, first) else first
        return f"{known}.{rest}" if rest else known

    def thing(self, name: str) -> Thing:
        """What a full name stands for, through every re-export on the way.

        What a package takes in under a name goes before a module of its own by that name, as at run time.
        """
        for _ in range(10):
            owner, _, last = name.rpartition(".")
            leads_to = self.names.get(owner, {}).get(last, name)
            if leads_to != name:
                name = leads_to
            elif name in self.things:
                return self.things[name]
            else:
                parent = self.thing(owner) if owner else ""
                if not isinstance(parent, (Module, Class)) or parent.name == owner:
                    return name
                name = f"{parent.name}.{last}"
        raise Unreadable(f"{name} is imported in a circle")

    def named(self, module: str, expression: ast.expr) -> Thing:
        return self.thing(self.full_name(module, expression))

    @cached_property
    def classes(self) -> list[Class]:
        return [thing for thing in self.things.values() if isinstance(thing, Class)]

    @cached_property
    def functions(self) -> list[Function]:
        return [thing for thing in self.things.values() if isinstance(thing, Function)]

    @cached_property
    def by_method(self) -> dict[str, list[Function]]:
        """Every method of a name: what an expression of unknown class may call."""
        found: dict[str, list[Function]] = {}
        for one in self.classes:
            for name, method in one.methods.items():
                found.setdefault(name, []).append(method)
        return found

    def lineage(self, of: Class) -> list[Class]:
        """A class and those of ours it is made of, nearest first."""
        found = [of]
        for base in of.bases:
            thing = self.thing(base)
            if isinstance(thing, Class):
                found += [one for one in self.lineage(thing) if one not in found]
        return found

    def strangers(self, of: Class) -> set[str]:
        """The bases of a class that are not ours: they may call any of its methods."""
        names = {base for one in self.lineage(of) for base in one.bases}
        return {name for name in names if isinstance(self.thing(name), str)}

    @cached_property
    def _children(self) -> dict[Class, list[Class]]:
        found: dict[Class, list[Class]] = {}
        for one in self.classes:
            for parent in self.lineage(one)[1:]:
                found.setdefault(parent, []).append(one)
        return found

    def stand_ins(self, of: Class) -> list[Class]:
        """Whatever may be at hand where a `of` is expected: its subclasses, and what keeps to its protocol."""
        found = list(self._children.get(of, ()))
        if any(base.rpartition(".")[2] == "Protocol" for base in of.bases):
            asked = {name for name in of.methods if not name.startswith("_") or name == "__call__"}
            found += [
                one
                for one in self.classes
                if one is not of
                and asked
                and asked <= {name for c in self.lineage(one) for name in c.methods}
            ]
        return found


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _imported(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    raise Unreadable(f"{module.name}, line {node.lineno}: an import names what it takes")
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _top_level(node: ast.Module | ast.ClassDef) -> Iterator[ast.stmt]:
    """The statements of a module or class, also those under `if` and `try`."""
    waiting: list[ast.stmt] = list(node.body)
    while waiting:
        one = waiting.pop(0)
        yield one
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(one, (Def, ast.ClassDef)):
                waiting += getattr(one, inner, [])


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Name):
                    yield one.id, None, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, node.annotation, node.value
    elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
        yield node.target.id, None, node.iter


@cache
def shipped() -> Program:
    """`app.py` and all of `chalicelib`."""
    return Program(code.modules())
