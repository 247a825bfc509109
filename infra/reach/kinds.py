"""Of what kind a value may be, and what an annotation says of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from infra.reach.program import Class, Function, Global, Program
from infra.tools.code import Module


@dataclass(frozen=True, slots=True)
class Kind:
    """`what` is `instance`, `class`, `function`, `module`, `callable`, `typevar`, `client`, or `unknown`."""

    what: str
    name: str = ""
    """The full name of the class, function or module; of a client, its service or `$parameter`."""
    args: tuple[Kinds, ...] = ()
    """What a container holds; what a callable answers."""


Kinds = frozenset[Kind]
UNKNOWN: Kinds = frozenset({Kind("unknown")})
NOTHING: Kinds = frozenset()

_PAIRS = ("dict", "Mapping", "defaultdict", "OrderedDict", "Counter", "MutableMapping")
_BOXES = (
    *("list", "set", "frozenset", "tuple", "deque", "Iterable", "Iterator", "Sequence", "Generator"),
    *("Collection", "Set", "KeysView", "ValuesView"),
)
_VALUE = "chalicelib.store.attributes.Value"
"""An attribute of an item that reads as what it holds."""
_WRAPPERS = ("ClassVar", "Final", "Annotated", "Optional", "Required", "NotRequired", "ReadOnly", _VALUE)


def instance(name: str, *args: Kinds) -> Kinds:
    return frozenset({Kind("instance", name, args)})


def last(name: str) -> str:
    return name.rpartition(".")[2]


def element(of: Kinds) -> Kinds:
    """What iterating over it gives."""
    found: Kinds = NOTHING
    for kind in of:
        if kind.what == "instance" and last(kind.name) in _PAIRS and kind.args:
            found |= kind.args[0]
        elif kind.what == "instance" and last(kind.name) in _BOXES and kind.args:
            for one in kind.args:
                found |= one
        elif kind.what == "instance" and last(kind.name) == "str":
            found |= instance("builtins.str")
        elif kind != Kind("instance", "None"):
            found |= UNKNOWN
    return found


def value_of(of: Kinds) -> Kinds:
    """What a look-up by key or number gives."""
    found: Kinds = NOTHING
    for kind in of:
        paired = kind.what == "instance" and last(kind.name) in _PAIRS
        if paired:
            found |= kind.args[1] if len(kind.args) > 1 else UNKNOWN
        else:
            found |= element(frozenset({kind}))
    return found


class Annotations:
    """Reads annotations of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._reading: set[str] = set()

    def read(self, node: ast.expr | None, module: str, owner: Class | None = None) -> Kinds:
        """Unknown where there is none, and where it says Any."""
        if node is None:
            return UNKNOWN
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.read(ast.parse(node.value, mode="eval").body, module, owner)
            return instance("None")
        if isinstance(node, ast.BinOp):
            return self.read(node.left, module, owner) | self.read(node.right, module, owner)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, module, owner)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(self.program.named(module, node), owner)
        return UNKNOWN

    def _name(self, thing: Class | Function | Global | Module | str, owner: Class | None) -> Kinds:
        if isinstance(thing, Class):
            return instance(thing.name)
        if isinstance(thing, Global):
            return self._alias(thing, owner)
        if not isinstance(thing, str) or last(thing) in ("Any", "object", "Callable"):
            return UNKNOWN
        if last(thing) == "Self":
            return instance(owner.name) if owner else UNKNOWN
        return instance(thing)

    def _alias(self, thing: Global, owner: Class | None) -> Kinds:
        """`Wire = dict[str, Any]`, or a type variable."""
        value = thing.value
        if isinstance(value, ast.Call) and last(ast.unparse(value.func)) in ("TypeVar", "ParamSpec"):
            return frozenset({Kind("typevar", thing.name)})
        if value is None or thing.name in self._reading:
            return UNKNOWN
        self._reading.add(thing.name)
        try:
            return self.read(value, thing.module, owner)
        finally:
            self._reading.discard(thing.name)

    def _subscript(self, node: ast.Subscript, module: str, owner: Class | None) -> Kinds:
        thing = self.program.named(module, node.value)
        name = thing if isinstance(thing, str) else getattr(thing, "name", "")
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == _VALUE or last(name) in _WRAPPERS:
            return self.read(inner[0], module, owner)
        if last(name) == "Literal":
            return instance("builtins.str")
        if last(name) == "Callable":
            return frozenset({Kind("callable", "", (self.read(inner[-1], module, owner),))})
        if last(name) == "type":
            return frozenset(
                Kind("class", one.name) if one.what == "instance" else Kind("class", "", (frozenset({one}),))
                for one in self.read(inner[0], module, owner)
            )
        read = [one for one in inner if not (isinstance(one, ast.Constant) and one.value is Ellipsis)]
        return instance(name, *(self.read(one, module, owner) for one in read))


def solve(pattern: Kinds, given: Kinds, known: dict[str, Kinds]) -> None:
    """Learn what the type variables of a parameter stand for, from an argument."""
    for one in pattern:
        if one.what == "typevar":
            known[one.name] = known.get(one.name, NOTHING) | (given - instance("None"))
        elif one.what == "class" and one.args:
            solve(one.args[0], frozenset(Kind("instance", k.name) for k in given if k.what == "class"), known)
        elif one.args:
            for kind in given:
                if kind.what == one.what:
                    for inner, said in zip(one.args, kind.args, strict=False):
                        solve(inner, said, known)


def filled(pattern: Kinds, known: dict[str, Kinds]) -> Kinds:
    """The same kinds with type variables filled in; unknown where nothing was learnt."""
    found: Kinds = NOTHING
    for one in pattern:
        if one.what == "typevar":
            found |= known.get(one.name) or UNKNOWN
        elif one.args:
            found |= {Kind(one.what, one.name, tuple(filled(inner, known) for inner in one.args))}
        else:
            found |= {one}
    return found
