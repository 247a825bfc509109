"""One function, or one expression of a module: its locals, and of what kind each expression in it is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from infra.reach.bindings import bindings
from infra.reach.kinds import NOTHING, UNKNOWN, Kind, Kinds, element, instance, last, value_of
from infra.reach.program import Class, Function

if TYPE_CHECKING:
    from infra.reach.inference import Inference


class Scope:
    """One function, or one expression of a module: its locals and what they may be."""

    def __init__(self, inference: Inference, module: str, node: ast.AST, function: Function | None) -> None:
        self.inference, self.module, self.function = inference, module, function
        self.owner = function.owner if function else None
        self._bound: dict[str, list[tuple[str, ast.AST]]] = {}
        self._known: dict[str, Kinds] = {}
        self._open: set[int] = set()
        for name, how, at in bindings(node):
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
