"""Of what kind things and their attributes are, and what calling them answers. What it cannot tell it calls unknown."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from infra.reach.kinds import (
    NOTHING,
    UNKNOWN,
    Annotations,
    Kind,
    Kinds,
    element,
    filled,
    instance,
    last,
    solve,
)
from infra.reach.program import Class, Function, Global, Program, Thing
from infra.reach.scopes import Scope
from infra.tools.code import Module

_SAME_ELEMENTS = ("sorted", "list", "tuple", "set", "frozenset", "reversed", "iter", "deque")
_ONE_ELEMENT = ("next", "max", "min")
_PLAIN = {
    "len": "int",
    "sum": "int",
    "repr": "str",
    "isinstance": "bool",
    "any": "bool",
    "all": "bool",
    "round": "int",
}
MAKES_CLIENT = "create_client"


class Inference:
    """One for a whole program; remembers what it has worked out."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.annotations = Annotations(program)
        self._scopes: dict[str, Scope] = {}
        self._globals: dict[str, Kinds] = {}
        self._services: dict[str, ast.expr | None] = {}
        self._selves: dict[str, list[tuple[str, Function, ast.expr | None, ast.expr | None]]] = {}

    def scope(self, function: Function) -> Scope:
        if function.name not in self._scopes:
            self._scopes[function.name] = Scope(self, function.module, function.node, function)
        return self._scopes[function.name]

    def module_scope(self, module: str, node: ast.AST) -> Scope:
        return Scope(self, module, node, None)

    def of_thing(self, thing: Thing) -> Kinds:
        """What a name that is no local stands for."""
        if isinstance(thing, Module):
            return frozenset({Kind("module", thing.name)})
        if isinstance(thing, Class):
            return frozenset({Kind("class", thing.name)})
        if isinstance(thing, Function):
            return frozenset({Kind("function", thing.name)})
        if isinstance(thing, Global):
            return self._of_global(thing)
        return frozenset({Kind("stranger", thing)})

    def _of_global(self, thing: Global) -> Kinds:
        if thing.name not in self._globals:
            self._globals[thing.name] = NOTHING  # for one that is made of itself
            if thing.annotation is not None:
                kinds = self.annotations.read(thing.annotation, thing.module)
            elif thing.value is not None:
                kinds = self.module_scope(thing.module, thing.value).kinds(thing.value)
            else:
                kinds = UNKNOWN
            self._globals[thing.name] = kinds
        return self._globals[thing.name]

    def attribute(self, of: Kind, name: str) -> Kinds:
        """What `x.name` is, for an `x` of this kind."""
        if of.what == "module":
            thing = self.program.thing(f"{of.name}.{name}")
            return self.of_thing(thing)
        if of.what == "stranger":
            return frozenset({Kind("stranger", f"{of.name}.{name}")})
        if of.what not in ("instance", "class") or not of.name:
            return UNKNOWN
        owner = self.program.thing(of.name) if of.name else None
        if not isinstance(owner, Class):
            return frozenset({Kind("stranger", f"{of.name}.{name}")})
        found: Kinds = NOTHING
        for one in [*self.program.lineage(owner), *self.program.stand_ins(owner)]:
            if name in one.methods:
                found |= self._method(one.methods[name], of, owner)
            elif name in one.attributes:
                annotation, value = one.attributes[name]
                if annotation is not None:
                    found |= self.annotations.read(annotation, one.module, owner)
                elif value is not None:
                    found |= self.module_scope(one.module, value).kinds(value)
            else:
                found |= self._set_on_self(one, name)
        return found or UNKNOWN

    def _method(self, method: Function, of: Kind, owner: Class) -> Kinds:
        if {"property", "cached_property"} & {
            last(one) for one in method.decorators
        } and of.what == "instance":
            return self.annotations.read(method.node.returns, method.module, owner)
        return frozenset({Kind("function", method.name, (instance(of.name),))})

    def _set_on_self(self, of: Class, name: str) -> Kinds:
        found: Kinds = NOTHING
        if of.name not in self._selves:
            self._selves[of.name] = list(_set_on_self(of))
        for attribute, method, annotation, value in self._selves[of.name]:
            if attribute == name and annotation is not None:
                found |= self.annotations.read(annotation, of.module, of)
            elif attribute == name and value is not None:
                found |= self.scope(method).kinds(value)
        return found

    def called(self, kind: Kind, call: ast.Call, scope: Scope) -> Kinds:
        """What calling a thing of this kind answers."""
        thing = self.program.thing(kind.name) if kind.name else None
        if kind.what == "class":
            return instance(kind.name) if kind.name else (kind.args[0] if kind.args else UNKNOWN)
        if kind.what == "callable":
            return kind.args[0] if kind.args else UNKNOWN
        if kind.what == "function" and isinstance(thing, Function):
            return self._answer(thing, kind, call, scope)
        if kind.what == "stranger":
            return _stranger(kind.name, call, scope)
        return UNKNOWN

    def _answer(self, function: Function, kind: Kind, call: ast.Call, scope: Scope) -> Kinds:
        if function.name not in self._services:
            self._services[function.name] = makes(function.node)
        if service := self._services[function.name]:
            return frozenset({Kind("client", _service(service, function, call))})
        owner = function.owner
        if kind.args and owner is not None:
            of = self.program.thing(next(iter(kind.args[0])).name)
            owner = of if isinstance(of, Class) else owner
        answer = self.annotations.read(function.node.returns, function.module, owner)
        if "contextmanager" in {last(one) for one in function.decorators}:
            answer = element(answer)
        known: dict[str, Kinds] = {}
        for parameter, argument in arguments(function, call).items():
            wanted = next(one.annotation for one in function.parameters if one.arg == parameter)
            solve(self.annotations.read(wanted, function.module, owner), scope.kinds(argument), known)
        return filled(answer, known)


def _set_on_self(of: Class) -> Iterator[tuple[str, Function, ast.expr | None, ast.expr | None]]:
    """(name, method, annotation, value) of each `self.name = value` in a class."""
    for method in of.methods.values():
        for node in ast.walk(method.node):
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                        yield target.attr, method, getattr(node, "annotation", None), node.value


def makes(node: ast.AST) -> ast.expr | None:
    """The service whose client a function makes."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func).endswith(MAKES_CLIENT):
            return inner.args[0]
    return None


def _service(expression: ast.expr, maker: Function, call: ast.Call) -> str:
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    given = arguments(maker, call).get(ast.unparse(expression))
    if isinstance(given, ast.Constant):
        return str(given.value)
    return f"${ast.unparse(given)}" if isinstance(given, ast.Name) else ""


def arguments(function: Function, call: ast.Call) -> dict[str, ast.expr]:
    """Parameter → what a call gives for it, where the call says so itself."""
    names = [one.arg for one in [*function.node.args.posonlyargs, *function.node.args.args]]
    if function.is_bound and isinstance(call.func, ast.Attribute):
        names = names[1:]
    given: dict[str, ast.expr] = {}
    for name, argument in zip(names, call.args, strict=False):
        if isinstance(argument, ast.Starred):
            break
        given[name] = argument
    known = {one.arg for one in function.parameters}
    return given | {one.arg: one.value for one in call.keywords if one.arg in known and one.arg is not None}


def _stranger(name: str, call: ast.Call, scope: Scope) -> Kinds:
    """What some builtins answer, and methods of containers."""
    owner, short = name.rpartition(".")[0], last(name)
    first = scope.kinds(call.args[0]) if call.args else NOTHING
    if owner == "builtins":
        if short in _SAME_ELEMENTS:
            return instance(f"builtins.{short}", element(first))
        if short in _ONE_ELEMENT:
            return element(first)
        if short in ("zip", "enumerate"):
            each = [element(scope.kinds(one)) for one in call.args]
            return instance("builtins.list", instance("builtins.tuple", *each))
        if short in ("str", "int", "bool", "bytes", "dict", "float", "object"):
            return instance(name)
        if short in _PLAIN:
            return instance(f"builtins.{_PLAIN[short]}")
    if short == "cast":
        return scope.annotated(call.args[0])
    if owner and short[:1].isupper():  # a class of somebody else's, whose methods are not ours either
        return instance(name)
    return UNKNOWN
