"""Of what kind an expression is: from annotations, assignments and calls. What it cannot tell it calls unknown."""

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
    value_of,
)
from infra.reach.program import Class, Function, Global, Program, Thing
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


class Scope:
    """One function, or one expression of a module: its locals and what they may be."""

    def __init__(self, inference: Inference, module: str, node: ast.AST, function: Function | None) -> None:
        self.inference, self.module, self.function = inference, module, function
        self.owner = function.owner if function else None
        self._bound: dict[str, list[tuple[str, ast.AST]]] = {}
        self._known: dict[str, Kinds] = {}
        self._open: set[int] = set()
        for name, how, at in _bindings(node):
            self._bound.setdefault(name, []).append((how, at))

    @property
    def locals(self) -> set[str]:
        return set(self._bound)

    def values_of(self, name: str) -> list[ast.expr]:
        """What a local is assigned, where that can be seen; nothing for a parameter."""
        return [at for how, at in self._bound.get(name, []) if how == "value" and isinstance(at, ast.expr)]

    def is_parameter(self, name: str) -> bool:
        return self.function is not None and name in {one.arg for one in self.function.parameters}

    def annotated(self, node: ast.expr | None) -> Kinds:
        return self.inference.annotations.read(node, self.module, self.owner)

    def _local(self, name: str) -> Kinds:
        if name not in self._known:
            self._known[name] = NOTHING  # while it is worked out: a value made of itself adds nothing
            bound = self._bound[name]
            said = [at for how, at in bound if how == "annotation" and isinstance(at, ast.expr)]
            found: Kinds = frozenset().union(*(self.annotated(one) for one in said))
            if not said or found & UNKNOWN:
                found = frozenset().union(*(self._binding(name, how, at) for how, at in bound))
            self._known[name] = found or UNKNOWN
        return self._known[name]

    def _binding(self, name: str, how: str, at: ast.AST) -> Kinds:
        if how == "parameter":
            assert isinstance(at, ast.arg)  # noqa: S101 - that is what `_bindings` gives
            if at.annotation is None and self.owner is not None and self._is_first(name):
                bound = (
                    "class"
                    if "classmethod" in (self.function.decorators if self.function else [])
                    else "instance"
                )
                return frozenset({Kind(bound, self.owner.name)})
            return self.annotated(at.annotation)
        if not isinstance(at, ast.expr):
            return UNKNOWN
        kinds = self.kinds(at)
        if how == "element":
            return element(kinds)
        if how == "entered":
            return self._entered(kinds)
        if how.startswith("part:"):
            return _part(kinds, int(how[5:]))
        if how.startswith("part of element:"):
            return _part(element(kinds), int(how[16:]))
        return kinds

    def _is_first(self, name: str) -> bool:
        assert self.function is not None  # noqa: S101 - only a method has an owner
        return bool(self.function.parameters) and self.function.parameters[0].arg == name

    def _entered(self, kinds: Kinds) -> Kinds:
        found: Kinds = NOTHING
        for kind in kinds:
            owner = self.inference.program.thing(kind.name) if kind.what == "instance" else None
            enter = (
                [
                    c.methods["__enter__"]
                    for c in self.inference.program.lineage(owner)
                    if "__enter__" in c.methods
                ]
                if isinstance(owner, Class)
                else []
            )
            if enter and isinstance(owner, Class):
                found |= self.inference.annotations.read(enter[0].node.returns, enter[0].module, owner)
            else:
                found |= {kind}
        return found

    def kinds(self, node: ast.expr) -> Kinds:
        if id(node) in self._open:
            return NOTHING
        self._open.add(id(node))
        try:
            return self._kinds(node)
        finally:
            self._open.discard(id(node))

    def _kinds(self, node: ast.expr) -> Kinds:  # noqa: PLR0911, PLR0912 - one line for each form an expression has
        match node:
            case ast.Name(id=name):
                if name in self._bound:
                    return self._local(name)
                program = self.inference.program
                return self.inference.of_thing(program.thing(program.full_name(self.module, node)))
            case ast.Attribute(value=value, attr=attr):
                found: Kinds = NOTHING
                for kind in self.kinds(value):
                    found |= self.inference.attribute(kind, attr)
                return found
            case ast.Call():
                return self._call(node)
            case ast.Constant(value=value):
                return instance("None" if value is None else f"builtins.{type(value).__name__}")
            case ast.JoinedStr():
                return instance("builtins.str")
            case ast.IfExp(body=body, orelse=other):
                return self.kinds(body) | self.kinds(other)
            case ast.BoolOp(values=values):
                return frozenset().union(*(self.kinds(one) for one in values))
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return instance("builtins.bool")
            case ast.BinOp(left=left, right=right):
                return self.kinds(left) | self.kinds(right)
            case ast.List(elts=elts) | ast.Set(elts=elts):
                return instance("builtins.list", frozenset().union(*(self._item(one) for one in elts)))
            case ast.Tuple(elts=elts):
                return instance("builtins.tuple", *(self._item(one) for one in elts))
            case ast.Dict(values=values):
                return instance(
                    "builtins.dict",
                    UNKNOWN,
                    frozenset().union(*map(self._entry, zip(node.keys, values, strict=True))),
                )
            case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.GeneratorExp(elt=elt):
                return instance("builtins.list", self.kinds(elt))
            case ast.DictComp(key=key, value=value):
                return instance("builtins.dict", self.kinds(key), self.kinds(value))
            case ast.Subscript(value=value, slice=at):
                box = self.kinds(value)
                return box if isinstance(at, ast.Slice) else _looked_up(box, at)
            case ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.kinds(value)
            case ast.Lambda(body=body):
                return frozenset({Kind("callable", "", (self.kinds(body),))})
        return UNKNOWN

    def _item(self, node: ast.expr) -> Kinds:
        return element(self.kinds(node.value)) if isinstance(node, ast.Starred) else self.kinds(node)

    def _entry(self, entry: tuple[ast.expr | None, ast.expr]) -> Kinds:
        key, value = entry
        return self.kinds(value) if key is not None else value_of(self.kinds(value))

    def _call(self, node: ast.Call) -> Kinds:
        if isinstance(node.func, ast.Attribute) and node.func.attr in (
            "get",
            "pop",
            "setdefault",
            "values",
            "items",
            "copy",
            "keys",
        ):
            box = self.kinds(node.func.value)
            if any(kind.what == "instance" and kind.args for kind in box):
                return self._of_container(node.func.attr, box)
        found: Kinds = NOTHING
        for kind in self.kinds(node.func):
            found |= self.inference.called(kind, node, self)
        return found

    def _of_container(self, method: str, box: Kinds) -> Kinds:
        if method == "copy":
            return box
        if method == "items":
            return instance("builtins.list", instance("builtins.tuple", element(box), value_of(box)))
        if method in ("values", "keys"):
            return instance("builtins.list", value_of(box) if method == "values" else element(box))
        return value_of(box)


def _looked_up(box: Kinds, at: ast.expr) -> Kinds:
    if isinstance(at, ast.Constant) and isinstance(at.value, int):
        return _part(box, at.value)
    return value_of(box)


def _part(box: Kinds, at: int) -> Kinds:
    found: Kinds = NOTHING
    for kind in box:
        fixed = (
            kind.what == "instance"
            and last(kind.name) == "tuple"
            and len(kind.args) > at >= 0
            and len(kind.args) > 1
        )
        found |= kind.args[at] if fixed else value_of(frozenset({kind}))
    return found


def _bindings(  # noqa: PLR0912 - one case for each way a name is bound
    node: ast.AST,
) -> Iterator[tuple[str, str, ast.AST]]:
    """Every local of a function with how it gets its value: (name, how, from what)."""
    for inner in ast.walk(node):
        match inner:
            case ast.arguments():
                for one in [*inner.posonlyargs, *inner.args, *inner.kwonlyargs]:
                    yield one.arg, "parameter", one
                for more in (inner.vararg, inner.kwarg):
                    if more is not None:
                        yield more.arg, "several", more
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _target(target, value, "value", "part:")
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                yield name, "annotation", annotation
                if inner.value is not None:
                    yield name, "value", inner.value
            case ast.NamedExpr(target=target, value=value):
                yield from _target(target, value, "value", "part:")
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield from _target(target, value, "element", "part of element:")
            case ast.withitem(optional_vars=target, context_expr=value) if target is not None:
                yield from _target(target, value, "entered", "part:")
            case ast.ExceptHandler(name=name) if name is not None:
                yield name, "caught", inner
            case ast.MatchAs(name=name) | ast.MatchStar(name=name) if name is not None:
                yield name, "matched", inner


def _target(target: ast.expr, value: ast.expr, whole: str, part: str) -> Iterator[tuple[str, str, ast.AST]]:
    if isinstance(target, ast.Name):
        yield target.id, whole, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        for at, one in enumerate(target.elts):
            if isinstance(one, ast.Name):
                yield one.id, f"{part}{at}", value
            elif not isinstance(one, (ast.Attribute, ast.Subscript)):
                yield from (
                    (inner.id, "several", inner) for inner in ast.walk(one) if isinstance(inner, ast.Name)
                )
