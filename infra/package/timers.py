"""Which timers there are and which job sweeps each: read from the jobs' own `sweep(…)` calls."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from operator import attrgetter

from chalicelib.http.schedule import Listed, listed
from infra.tools import code


@cache
def swept_by() -> dict[str, Listed]:
    """Timer → the job that sweeps it, by name. Raises ValueError for a sweep whose timer cannot be read."""
    return dict(sorted((timer, job) for job in listed() for timer in _timers(job)))


def _timers(job: Listed) -> list[str]:
    (source,) = (one for one in code.modules() if one.name == job.module)
    (function,) = (
        node for node in source.tree.body if isinstance(node, ast.FunctionDef) and node.name == job.name
    )
    loaded = importlib.import_module(job.module)
    found = []
    for call in code.calls_of(function, "sweep"):
        named = ast.unparse(call.args[0])
        try:
            found.append(str(attrgetter(named)(loaded)))
        except AttributeError:
            raise ValueError(f"{job.module}.{job.name} sweeps {named}: name a timer of the module") from None
    return found
