"""What a piece of code names, and so may run: each a function, class, global or module, by its full name.

To name a function is to reach it: callbacks, tables of strategies and subscriptions need no rule of their own. A method
called on something of unknown class reaches every method of that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from infra.reach.inference import Inference
from infra.reach.kinds import Kind, last
from infra.reach.program import Class, Def, Function, Global, Program, Unreadable
from infra.reach.scopes import Scope
from infra.tools.code import Module

_NO_CALLBACKS = (
    "Exception BaseException Protocol Generic NamedTuple TypedDict Enum StrEnum str int tuple object".split()
    + "ValueError RuntimeError LookupError KeyError TypeError ABC".split()
)
"""Bases that call no method of ours but the ones with two underscores."""
_HARMLESS = (
    "property cached_property cache lru_cache classmethod staticmethod contextmanager dataclass wraps".split()
    + "dataclass_transform overload setter abstractmethod runtime_checkable".split()
)
_REGISTERS = ("get", "post", "put", "patch", "delete", "every_minute", "every_hour", "table_stream")
"""Decorators of `Routes` and `Jobs`: what they register is a function's way in, and no one else's."""
_HIDES = (
    *("importlib.import_module", "builtins.__import__", "builtins.eval", "builtins.exec"),
    *("builtins.globals", "builtins.vars"),
)
"""What can lead anywhere. An import by name may stand where it says what it takes: a room's `routes` or `jobs`."""
_IMPORT_BY_NAME = "importlib.import_module"
PACKAGING_ALONE = ("chalicelib.http.app.Souk.mount_jobs",)
"""Imports the jobs for `chalice package`; in Lambda it does nothing."""


class Edges:
    def __init__(self, inference: Inference) -> None:
        self.inference = inference
        self.program: Program = inference.program
        self._found: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> frozenset[str]:
        """What the thing of this name reaches in one step."""
        if name not in self._found:
            self._found[name] = frozenset(self._of(self.program.things[name])) - {name}
        return self._found[name]

    def _of(self, thing: object) -> Iterator[str]:
        if isinstance(thing, Function):
            yield thing.module
            yield from self._named_in(thing.node.body, self.inference.scope(thing))
            yield from self._named_in(
                [*thing.node.args.defaults, *filter(None, thing.node.args.kw_defaults)],
                self.inference.scope(thing),
            )
            if self._is_registered(thing):  # the front door makes values of these
                yield from self._named_in(
                    [one.annotation for one in thing.parameters if one.annotation],
                    self.inference.scope(thing),
                )
        elif isinstance(thing, Class):
            yield thing.module
            yield from self._of_class(thing)
        elif isinstance(thing, Global) and thing.value is not None:
            yield thing.module
            yield from self._named_in([thing.value], self.inference.module_scope(thing.module, thing.value))
        elif isinstance(thing, Module):
            yield from self._of_module(thing)

    def _of_class(self, thing: Class) -> Iterator[str]:
        foreign = {last(base) for base in self.program.strangers(thing)} - set(_NO_CALLBACKS)
        for one in self.program.lineage(thing):
            if one is not thing:
                yield one.name
        for method in thing.methods.values():
            dunder = method.node.name.startswith("__") and method.node.name.endswith("__")
            if foreign or dunder or self._is_registered(method):
                yield method.name
        for annotation, value in thing.attributes.values():
            inner = [one for one in (value, annotation if foreign else None) if one is not None]
            for expression in inner:
                yield from self._named_in([expression], self.inference.module_scope(thing.module, expression))
        for keyword in thing.node.keywords:
            yield from self._named_in(
                [keyword.value], self.inference.module_scope(thing.module, keyword.value)
            )

    def _is_registered(self, thing: Function) -> bool:
        return any(last(one) not in _HARMLESS for one in thing.decorators)

    def _of_module(self, module: Module) -> Iterator[str]:
        """What importing it runs: its imports, its statements, and the functions its tables are made by."""
        for node in module.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._imported(node)
            elif isinstance(node, Def):
                for decorator in node.decorator_list:
                    yield from self._decorated(module, node, decorator)
            elif isinstance(node, ast.ClassDef):
                yield from self._named_in(node.decorator_list, self.inference.module_scope(module.name, node))
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                for call in [one for one in ast.walk(node) if isinstance(one, ast.Call)]:
                    yield from self._named_in([call.func], self.inference.module_scope(module.name, call))
            elif not _only_types(node):
                yield from self._named_in([node], self.inference.module_scope(module.name, node))

    def _decorated(self, module: Module, node: Def, decorator: ast.expr) -> Iterator[str]:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield from self._named_in([decorator], self.inference.module_scope(module.name, decorator))
        if last(ast.unparse(call)) not in (*_HARMLESS, *_REGISTERS):
            yield f"{module.name}.{node.name}"

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        names = [alias.name for alias in node.names]
        wanted = (
            names
            if isinstance(node, ast.Import)
            else [node.module or "", *(f"{node.module}.{one}" for one in names)]
        )
        for name in wanted:
            parts = name.split(".")
            packages = (".".join(parts[: at + 1]) for at in range(len(parts)))
            yield from (package for package in packages if package in self.program.modules)

    def _named_in(
        self, nodes: list[ast.AST] | list[ast.stmt] | list[ast.expr], scope: Scope
    ) -> Iterator[str]:
        understood: set[int] = set()
        for node in nodes:
            for inner in _run(node):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    yield from self._imported(inner)
                elif isinstance(inner, ast.Name) and id(inner) not in understood:
                    yield from self._thing(self.program.full_name(scope.module, inner), scope, inner)
                elif isinstance(inner, ast.Call) and ast.unparse(inner.func) == "getattr":
                    yield from self._any_member(inner, scope)
                elif isinstance(inner, ast.Attribute) and id(inner) not in understood:
                    if (called := self._imports_by_name(inner, scope)) is not None:
                        understood.add(id(called))
                        yield from self._room(inner.attr, scope, inner)
                    yield from self._attribute(inner, scope)

    def _imports_by_name(self, node: ast.Attribute, scope: Scope) -> ast.expr | None:
        """The `importlib.import_module` of `importlib.import_module(room).jobs`."""
        if not isinstance(node.value, ast.Call):
            return None
        called = node.value.func
        return called if self.program.full_name(scope.module, called) == _IMPORT_BY_NAME else None

    def _room(self, what: str, scope: Scope, at: ast.AST) -> Iterator[str]:
        """Every job, for who may run any. Routes are ways in of their own: `closure` begins with them."""
        if what == "jobs":
            if scope.function is None or scope.function.name not in PACKAGING_ALONE:
                jobs = filter(_is_run_by_hand, self.program.functions)
                yield from (one.name for one in jobs)
        elif what != "routes":
            raise Unreadable(f"{scope.module}, line {getattr(at, 'lineno', 0)}: {what} of which module?")

    def _any_member(self, call: ast.Call, scope: Scope) -> Iterator[str]:
        """`getattr(x, name)`: the member of that name, or any of them where only the run tells which."""
        of, name = call.args[0], call.args[1]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            member = ast.copy_location(ast.Attribute(of, name.value, ast.Load()), call)
            yield from self._attribute(member, scope)
            return
        for kind in scope.kinds(of):
            owner = self.program.thing(kind.name) if kind.name else None
            if isinstance(owner, Class):
                for one in [*self.program.lineage(owner), *self.program.stand_ins(owner)]:
                    yield from (method.name for method in one.methods.values())
            elif isinstance(owner, Module):
                raise Unreadable(f"{scope.module}, line {call.lineno}: which function of {owner.name}?")

    def _thing(self, name: str, scope: Scope, at: ast.AST) -> Iterator[str]:
        thing = self.program.thing(name)
        if not isinstance(thing, str):
            yield thing.name
        elif thing in _HIDES:
            raise Unreadable(
                f"{scope.module}, line {getattr(at, 'lineno', 0)}: {thing} hides what is reached"
            )

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Iterator[str]:
        for kind in scope.kinds(node.value):
            yield from self._member(kind, node, scope)

    def _member(self, kind: Kind, node: ast.Attribute, scope: Scope) -> Iterator[str]:
        if kind.what in ("module", "stranger"):
            yield from self._thing(f"{kind.name}.{node.attr}", scope, node)
        elif kind.what in ("instance", "class") and kind.name:
            owner = self.program.thing(kind.name)
            if isinstance(owner, Class):
                yield from self._of_owner(owner, node, scope)
        elif kind.what in ("unknown", "typevar") or not kind.name:
            yield from (method.name for method in self.program.by_method.get(node.attr, ()))

    def _of_owner(self, owner: Class, node: ast.Attribute, scope: Scope) -> Iterator[str]:
        lineage = self.program.lineage(owner)
        for one in [*lineage, *self.program.stand_ins(owner)]:
            if node.attr in one.methods:
                yield one.methods[node.attr].name
        known = any(node.attr in one.methods or node.attr in one.attributes for one in lineage)
        if not known and node.attr in self._pynamodb_operations and self._is_item(owner):
            raise Unreadable(
                f"{scope.module}, line {node.lineno}: {last(owner.name)}.{node.attr} calls DynamoDB past the store"
            )

    def _is_item(self, owner: Class) -> bool:
        return "pynamodb.models.Model" in self.program.strangers(owner)

    @cached_property
    def _pynamodb_operations(self) -> frozenset[str]:
        from pynamodb.models import Model

        return frozenset(
            name
            for name in "save delete update refresh get query scan batch_get batch_write count exists".split()
            + "create_table delete_table describe_table transact_write transact_get".split()
            if hasattr(Model, name)
        )


def _is_job(function: Function) -> bool:
    return any(one.partition(".")[0] == "jobs" for one in function.decorators)


def _is_run_by_hand(function: Function) -> bool:
    return _is_job(function) and not any("unattended" in one for one in function.decorators)


def _only_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Every node below that is run: all but annotations."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST):
                yield from _run(inner)
