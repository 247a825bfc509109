"""What the source says of a model's fields, in the string below each: the descriptions of the document.

Pydantic could take them itself, but it would read the source of every model at every cold start.
"""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel


def descriptions(models: Iterable[type[BaseModel]]) -> dict[str, dict[str, str]]:
    """Model name → field → description, for these models and those inside them."""
    found: dict[str, dict[str, str]] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model.__name__ in found:
            continue
        found[model.__name__] = _of(model)
        for field in model.model_fields.values():
            waiting.extend(_models_in(field.annotation))
    return found


def _of(model: type[BaseModel]) -> dict[str, str]:
    said: dict[str, str] = {}
    for one in reversed(model.__mro__):
        said.update(_in_module(one.__module__).get(one.__qualname__.partition("[")[0], {}))
    return said


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


@cache
def _in_module(name: str) -> dict[str, dict[str, str]]:
    """Class → field → description, of one module of ours."""
    if not name.startswith("chalicelib."):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {node.name: dict(_below_fields(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _below_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            yield field.target.id, inspect.cleandoc(below.value.value)
