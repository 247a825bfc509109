"""What functions ask of AWS: an operation of a service, and for DynamoDB the index.

Found where a client is called: `client()._make_api_call(operation, …)`, `_client().send_email(…)`,
`getattr(_client(), call)(…)`. A function that passes the operation, the service or the key on from its own caller is a
wrapper: what it asks is told by each of its calls, so a name that no call spells out cannot be read and is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from infra.reach.inference import MAKES_CLIENT, Inference, arguments, makes
from infra.reach.kinds import last
from infra.reach.program import Class, Function, Unreadable
from infra.reach.scopes import Scope

_PART = "chalicelib.store.parts.Part"
_PART_OF = "chalicelib.store.parts.part_of"
_KEY = "chalicelib.store.keys.Key"
_SETTINGS = "chalicelib.core.settings.Settings"
_SECRETS_CLASS = "SecretSetting"
_INDEXED = ("Query", "Scan")
_NO_OPERATION = ("exceptions", "meta", "close")
_PRESIGNED_FORM = "generate_presigned_post"
_PRESIGNED = "generate_presigned_url"


@dataclass(frozen=True, slots=True)
class Use:
    """`service` `operation` on `index`. What begins with `$` is a parameter of the function that holds it.

    A setting that is a secret is a use too, of the service `settings`.
    """

    service: str
    operation: str
    index: str = ""

    @property
    def open_parameters(self) -> list[str]:
        return [word[1:] for word in (self.service, self.operation, self.index) if word.startswith("$")]


class Uses:
    """All of a program's, worked out once."""

    def __init__(self, inference: Inference) -> None:
        self.inference = inference
        self.program = inference.program
        self._words_in = {one.name: _words_of(one.node) for one in self.program.functions}
        self._client_words = {last(one.name) for one in self.program.functions if self._makes(one)}
        self._client_words |= set(self._kept_clients())
        self._of: dict[str, set[Use]] = {one.name: set(self._direct(one)) for one in self.program.functions}
        self._settle()

    def of(self, function: str) -> frozenset[Use]:
        """What is asked by this function itself, with nothing left open."""
        return frozenset(use for use in self._of.get(function, ()) if not use.open_parameters)

    def _makes(self, function: Function) -> bool:
        return MAKES_CLIENT in self._words_in[function.name] and makes(function.node) is not None

    def _kept_clients(self) -> Iterator[str]:
        """Names that a made client is kept under, be it an attribute or a global."""
        for module in self.program.modules.values():
            for node in ast.walk(module.tree):
                if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
                    continue
                if _word(node.value.func) in self._client_words:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    yield from filter(None, (_word(target) for target in targets))

    def _settle(self) -> None:
        """Carry what wrappers leave open to their callers, until every word is a constant."""
        waiting = {name for name, uses in self._of.items() if any(use.open_parameters for use in uses)}
        seen: set[str] = set()
        while waiting:
            wrapper = waiting.pop()
            if wrapper in seen:
                raise Unreadable(f"{wrapper} passes on what it was given to itself")
            seen.add(wrapper)
            for caller in self.program.functions:
                if last(wrapper) not in self._words_in[caller.name]:
                    continue
                for use in self._carried(wrapper, caller):
                    self._of[caller.name].add(use)
                    if use.open_parameters:
                        waiting.add(caller.name)

    def _carried(self, wrapper: str, caller: Function) -> Iterator[Use]:
        short = last(wrapper)
        scope = self.inference.scope(caller)
        calls: set[int] = set()
        for node in ast.walk(caller.node):
            if (
                isinstance(node, ast.Call)
                and _word(node.func) == short
                and self._is(wrapper, node.func, scope)
            ):
                calls.add(id(node.func))
                yield from self._instances(wrapper, node, caller, scope)
        for node in ast.walk(caller.node):
            named = (
                isinstance(node, (ast.Name, ast.Attribute)) and _word(node) == short and id(node) not in calls
            )
            if named and isinstance(node, ast.expr) and self._is(wrapper, node, scope):
                raise Unreadable(
                    f"{caller.where(node)}: {short} is handed on, and with it what it asks of AWS"
                )

    def _is(self, function: str, expression: ast.expr, scope: Scope) -> bool:
        return any(kind.what == "function" and kind.name == function for kind in scope.kinds(expression))

    def _instances(self, wrapper: str, call: ast.Call, caller: Function, scope: Scope) -> Iterator[Use]:
        thing = self.program.things[wrapper]
        assert isinstance(thing, Function)  # noqa: S101 - only functions have uses
        given = arguments(thing, call)
        for use in list(self._of[wrapper]):
            found = [use]
            for parameter in use.open_parameters:
                if parameter not in given:
                    raise Unreadable(
                        f"{caller.where(call)}: {last(wrapper)} is called without its {parameter}"
                    )
                words = self._words(given[parameter], caller, scope)
                found = [_with(one, parameter, word) for one in found for word in words]
            if use.open_parameters:
                for one in found:
                    yield from self._indexed(one, caller)

    def _indexed(self, use: Use, function: Function) -> Iterator[Use]:
        """A query's index is spelled out where the query is."""
        if use.operation in _INDEXED and not use.index:
            yield from (replace(use, index=index) for index in _indexes(function) or ["table"])
        else:
            yield use

    def _words(self, node: ast.expr, caller: Function, scope: Scope) -> list[str]:
        """What a word passed to a wrapper may be: constants, the index of a key, or a parameter passed on."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        if isinstance(node, ast.IfExp):
            return self._words(node.body, caller, scope) + self._words(node.orelse, caller, scope)
        if isinstance(node, ast.Name):
            if scope.is_parameter(node.id):
                return [f"${node.id}"]
            if values := scope.values_of(node.id):
                return [word for one in values for word in self._words(one, caller, scope)]
        if isinstance(node, ast.Attribute) and (index := self._index_of_key(node, scope)):
            return [index]
        raise Unreadable(
            f"{caller.where(node)}: what `{ast.unparse(node)}` asks of AWS cannot be read: "
            "pass a constant, or a key of an item"
        )

    def _index_of_key(self, node: ast.Attribute, scope: Scope) -> str:
        """`by_state` of `Order.in_state`."""
        for kind in scope.kinds(node.value):
            owner = (
                self.program.thing(kind.name) if kind.what in ("class", "instance") and kind.name else None
            )
            for one in self.program.lineage(owner) if isinstance(owner, Class) else ():
                value = one.attributes.get(node.attr, (None, None))[1]
                if isinstance(value, ast.Call) and last(ast.unparse(value.func)) == last(_KEY):
                    said = {word.arg: word.value for word in value.keywords}.get("index")
                    return str(said.value) if isinstance(said, ast.Constant) else "table"
        return ""

    def _direct(self, function: Function) -> Iterator[Use]:
        if self._makes(function):
            return
        words = self._words_in[function.name]
        if words & {last(_PART), last(_PART_OF), *self._secrets}:
            yield from self._parts_and_secrets(function)
        if words & self._client_words:
            yield from self._of_clients(function)

    def _parts_and_secrets(self, function: Function) -> Iterator[Use]:
        scope = self.inference.scope(function)
        for node in ast.walk(function.node):
            if isinstance(node, ast.Call):
                yield from self._of_part(node, function, scope)
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in self._secrets
                and any(kind.what == "unknown" or kind.name == _SETTINGS for kind in scope.kinds(node.value))
            ):
                yield Use("settings", node.attr)

    @cached_property
    def _secrets(self) -> frozenset[str]:
        """The settings that are secrets, by their fields' names."""
        settings = self.program.thing(_SETTINGS)
        fields = settings.attributes.items() if isinstance(settings, Class) else ()
        return frozenset(
            name for name, (said, _) in fields if said is not None and _SECRETS_CLASS in ast.unparse(said)
        )

    def _of_clients(self, function: Function) -> Iterator[Use]:
        scope = self.inference.scope(function)
        seen: set[int] = set()
        for node in ast.walk(function.node):
            for service, operation, at in _client_calls(node, scope):
                seen.add(id(at))
                yield from self._asked(service, operation, function, scope)
        _refuse_strays(function, scope, seen)

    def _asked(
        self, service: str, operation: ast.expr | str, function: Function, scope: Scope
    ) -> Iterator[Use]:
        words = [operation] if isinstance(operation, str) else self._words(operation, function, scope)
        for word in words:
            named = word if word.startswith("$") else camel(word)
            yield from self._indexed(Use(service, named), function)

    def _of_part(self, node: ast.Call, function: Function, scope: Scope) -> Iterator[Use]:
        """What a transaction is allowed to do is what its parts do: Put, Update, Delete, ConditionCheck."""
        if _word(node.func) not in (last(_PART), last(_PART_OF)) or function.name == _PART_OF:
            return
        for kind in scope.kinds(node.func):
            if kind.name == _PART_OF:
                yield Use("dynamodb", "UpdateItem")
            elif kind.name == _PART:
                given = {word.arg for word in node.keywords}
                verb = (
                    "PutItem"
                    if "put" in given
                    else "DeleteItem"
                    if "delete" in given
                    else "ConditionCheckItem"
                )
                yield Use("dynamodb", verb)


def camel(operation: str) -> str:
    """botocore's name of an operation, from its method's."""
    return "".join(word[:1].upper() + word[1:] for word in operation.split("_"))


def _words_of(node: ast.AST) -> frozenset[str]:
    return frozenset(
        one.id if isinstance(one, ast.Name) else one.attr
        for one in ast.walk(node)
        if isinstance(one, (ast.Name, ast.Attribute))
    )


def _word(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _with(use: Use, parameter: str, word: str) -> Use:
    def put(old: str, named: str) -> str:
        return named if old == f"${parameter}" else old

    return Use(
        put(use.service, word),
        put(use.operation, word if word.startswith("$") else camel(word)),
        put(use.index, word),
    )


def _services(node: ast.expr, scope: Scope) -> list[str]:
    return [kind.name for kind in scope.kinds(node) if kind.what == "client"]


def _client_calls(node: ast.AST, scope: Scope) -> Iterator[tuple[str, ast.expr | str, ast.expr]]:
    """(service, operation, the client's own expression) of each call of a client that begins at this node."""
    if not isinstance(node, ast.Call):
        return
    called = node.func
    if isinstance(called, ast.Attribute):
        for service in _services(called.value, scope):
            operation: ast.expr | str = called.attr
            if called.attr in ("_make_api_call", _PRESIGNED):
                operation = node.args[0]
            elif called.attr == _PRESIGNED_FORM:
                operation = "put_object"
            yield service, operation, called.value
    elif isinstance(called, ast.Name) and called.id == "getattr":
        for service in _services(node.args[0], scope):
            yield service, node.args[1], node.args[0]


def _refuse_strays(function: Function, scope: Scope, seen: set[int]) -> None:
    """A client that is handed about could be asked anything."""
    harmless = {
        id(node.value)
        for node in ast.walk(function.node)
        if isinstance(node, ast.Attribute) and node.attr in _NO_OPERATION
    }
    for node in ast.walk(function.node):
        if not isinstance(node, (ast.Call, ast.Name)) or id(node) in seen | harmless:
            continue
        if not _is_stored(node) and _services(node, scope) and not _kept(node, function):
            raise Unreadable(
                f"{function.where(node)}: a client is handed on, and with it what is asked of AWS"
            )


def _is_stored(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _kept(node: ast.AST, function: Function) -> bool:
    """Whether it is given a name: what is done under that name is seen."""
    return any(isinstance(one, ast.Assign) and one.value is node for one in ast.walk(function.node))


def _indexes(function: Function) -> list[str]:
    """What `IndexName` is set to in a function; `$key` where it is a key's index, which may be the table itself."""
    found: list[str] = []
    for node in ast.walk(function.node):
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            pairs = [(node.targets[0].slice, node.value)]
        elif isinstance(node, ast.keyword) and node.arg == "IndexName":
            pairs = [(ast.Constant("IndexName"), node.value)]
        for key, value in pairs:
            if isinstance(key, ast.Constant) and key.value == "IndexName":
                found.append(_index(value, function))
    return found


def _index(value: ast.expr, function: Function) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.Attribute) and value.attr == "index" and isinstance(value.value, ast.Name):
        return f"${value.value.id}"
    raise Unreadable(f"{function.where(value)}: which index is `{ast.unparse(value)}`?")
