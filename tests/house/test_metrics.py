"""Every metric in the code is on the list, by its dimensions; every one on the list is in the code."""

import ast
from collections.abc import Iterator

from chalicelib.core.metric_names import BY_NAME, of_line
from infra.tools import code


def calls() -> Iterator[tuple[str, ast.Call]]:
    for module in code.modules():
        if module.name.startswith("chalicelib.") and module.name != "chalicelib.core.log":
            for call in code.calls_of(module.tree, "metrics"):
                yield f"{module.path}:{call.lineno}", call


def test_each_line_of_metrics_is_one_that_the_list_knows() -> None:
    """Read from the code, so that a rare line is known to be right before it is first written."""
    assert list(calls())
    for where, call in calls():
        (dimensions,) = call.args
        assert isinstance(dimensions, ast.Dict), f"{where}: dimensions are written out"
        words = [str(key.value) for key in dimensions.keys if isinstance(key, ast.Constant)]
        assert len(words) == len(dimensions.keys), f"{where}: dimensions are words of ours"
        names = [keyword.arg for keyword in call.keywords]
        assert all(names), f"{where}: metrics are named one by one"
        of_line(words, [name for name in names if name])


def test_the_list_names_nothing_that_nobody_emits() -> None:
    emitted = {keyword.arg for _, call in calls() for keyword in call.keywords}
    assert emitted == {name for name, metric in BY_NAME.items() if metric.is_emitted}
