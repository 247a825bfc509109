"""What the walk looks like in a terminal: colours where they are wanted, plain text everywhere else."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TextIO

from infra.demo.api import Answer, Cost

_BOLD, _DIM, _GREEN, _RED, _CYAN = "1", "2", "32", "31", "36"
_NARROWEST = 80
_SECRET = ("password", "token")


def wants_colour(stream: TextIO) -> bool:
    """On a terminal, unless `NO_COLOR` says otherwise."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


@dataclass(slots=True)
class Screen:
    stream: TextIO
    has_colour: bool
    steps: int = field(default=0, init=False)

    def step(self, title: str) -> None:
        self.steps += 1
        self._line(f"\n{self._paint(f'{self.steps:2}  {title}', _BOLD)}")

    def asked(self, method: str, path: str, body: Any, note: str = "") -> None:
        left = f"    {method} {path}"
        said = " ".join(filter(None, [_short(body), note]))
        room = self._width() - len(left) - 2
        self._line(f"{self._paint(left, _CYAN)}  {_cut(said, room)}".rstrip())

    def answered(self, answer: Answer, fields: Iterable[str]) -> None:
        """The status, the cost, and the values of `fields` (dotted paths into the answer)."""
        status = self._paint(str(answer.status), _GREEN if answer.status < 400 else _RED)
        cost = self._paint(_in_columns(answer.cost), _DIM)
        values = "  ".join(f"{path}={_value(pick(answer.json, path))}" for path in fields)
        self._line(f"    {status}  {cost}  {values}".rstrip())

    def say(self, text: str) -> None:
        self._line(f"    {text}")

    def end(self, text: str) -> None:
        self._line(f"\n{self._paint(text, _BOLD)}")

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colour else text

    def _width(self) -> int:
        return max(_NARROWEST, shutil.get_terminal_size((120, 24)).columns)

    def _line(self, text: str) -> None:
        print(text, file=self.stream, flush=True)


def in_words(cost: Cost) -> str:
    return f"{cost.calls} store calls, {cost.read_units:g} RRU, {cost.write_units:g} WRU"


def _in_columns(cost: Cost) -> str:
    calls = f"{cost.calls:2} call{'s' if cost.calls != 1 else ' '}"
    return f"{calls} {cost.read_units:5.1f} RRU {cost.write_units:5.1f} WRU"


def pick(value: Any, path: str) -> Any:
    """The value at a dotted path: `items.0.title`."""
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def money(amount: dict[str, Any]) -> str:
    return f"{amount['currency']} {amount['amount'] / 100:.2f}"


def _value(value: Any) -> str:
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        return money(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(body: Any) -> str:
    if body is None:
        return ""
    hidden = {name: "…" if name in _SECRET else value for name, value in body.items()}
    return json.dumps(hidden, ensure_ascii=False)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - 1)] + "…"
