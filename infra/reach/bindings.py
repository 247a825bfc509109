"""Where the locals of a function get their values."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def bindings(  # noqa: PLR0912 - one case for each way a name is bound
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
