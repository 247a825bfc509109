"""docs/costs.json: what every act was measured to take, and what it took when the last version was released.

A test measures again and holds the figures against the file: an act that takes a tenth more than at the last release
needs a line in CHANGELOG.md that says so, and a file that is a tenth off must be written anew.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.cost.act import Act
from infra.tools.generated import DOCS, ROOT

PATH = DOCS / "costs.json"
CHANGELOG = ROOT / "CHANGELOG.md"
TOLERANCE = 0.10
_BYTES, _TIMES = 8, 2.0
LEAST = {
    "calls": 1.0,
    "rru": 0.5,
    "wru": 1.0,
    "answer_bytes": 100.0,
    "log_bytes": 100.0,
    "stored_bytes": 200.0,
}
"""What is compared, and the least difference that is one. Times never are."""
SAYS_SO = "- Costs more:"
"""How a line of the changelog begins that explains a growth; it names each act as `POST /v1/orders`."""

Acts = dict[str, Act]
Units = dict[str, float]


def units_of(act: Act) -> Units:
    """What is compared of an act: with what the stream's consumer did about it."""
    return {
        "calls": act.calls + act.later.calls,
        "rru": act.all_rru,
        "wru": act.all_wru,
        "answer_bytes": act.answer_bytes,
        "log_bytes": act.log_bytes + act.later.log_bytes,
        "stored_bytes": float(
            sum(size or 0 for size, _ in (*act.stored.values(), *act.later.stored.values()))
        ),
    }


@dataclass(frozen=True, slots=True)
class Baseline:
    acts: Acts
    released: dict[str, Units]
    machine: str = ""

    def text(self) -> str:
        """The file: a line for each act, so that a change of one is a change of one line."""
        lines = {name: json.dumps(act.as_json()) for name, act in sorted(self.acts.items())}
        before = {name: json.dumps(units) for name, units in sorted(self.released.items())}
        return (
            '{\n "about": "written by `make cost ARGS=--write-baseline`; infra/cost/baseline.py says how it is read",\n'
            f' "machine": {json.dumps(self.machine)},\n'
            f' "acts": {_lines(lines)},\n "released": {_lines(before)}\n}}\n'
        )


def _lines(values: dict[str, str]) -> str:
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {value}" for name, value in values.items()) + "\n }"


def read(path: Path = PATH) -> Baseline:
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    acts = {name: Act.from_json(one) for name, one in told["acts"].items()}
    return Baseline(acts, told["released"], told["machine"])


def renewed(acts: Acts, known: Baseline | None, *, release: bool = False) -> Baseline:
    """The file for these figures. What an act took at the last release stays, unless this is one; a new act begins
    with what it takes now, and one that is gone is forgotten."""
    before = {} if known is None or release else known.released
    released = {name: before.get(name, units_of(act)) for name, act in acts.items()}
    kept = {} if known is None else known.acts
    settled = {
        name: kept[name] if name in kept and _same(kept[name], act) else act for name, act in acts.items()
    }
    return Baseline(settled, released, f"{platform.machine()}, Python {platform.python_version()}")


def _same(one: Act, other: Act) -> bool:
    """But for what differs from run to run: the digits of a time in the log, and the times themselves."""
    exact = all(
        getattr(a, name) == getattr(b, name)
        for a, b in ((one, other), (one.later, other.later))
        for name in ("calls", "rru", "wru", "waits", "metrics", "stored")
    )
    return (
        exact
        and (one.stream_records, one.shared) == (other.stream_records, other.shared)
        and abs(one.answer_bytes - other.answer_bytes) <= _BYTES
        and abs(one.log_bytes - other.log_bytes) <= _BYTES
        and other.cpu_ms / _TIMES <= one.cpu_ms <= other.cpu_ms * _TIMES
    )


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    unit: str
    was: float
    now: float

    def __str__(self) -> str:
        share = f"{self.now / self.was - 1:+.0%}" if self.was else "from nothing"
        return f"{self.name}: {self.unit} {self.was:g} → {self.now:g} ({share})"


def differences(was: dict[str, Units], now: dict[str, Units]) -> list[Difference]:
    """Where both know an act, and one of its units differs by more than the tolerance."""
    return [
        Difference(name, unit, before, after)
        for name in sorted(was.keys() & now.keys())
        for unit, least in LEAST.items()
        if abs((after := now[name][unit]) - (before := was[name][unit])) >= least
        and abs(after - before) > before * TOLERANCE
    ]


def unexplained(acts: Acts, released: dict[str, Units], changelog: str) -> list[Difference]:
    """Growth since the last release that no line of the changelog owns up to."""
    said = explained(changelog)
    now = {name: units_of(act) for name, act in acts.items()}
    return [one for one in differences(released, now) if one.now > one.was and not said & _names(one.name)]


def stale(acts: Acts, baseline: Baseline) -> list[str]:
    """Where the file says something else than what was measured just now."""
    known = {name: units_of(act) for name, act in baseline.acts.items()}
    now = {name: units_of(act) for name, act in acts.items()}
    odd = [str(one) for one in differences(known, now)]
    odd += [f"{name}: not in the file" for name in sorted(now.keys() - known.keys())]
    return odd + [f"{name}: only in the file" for name in sorted(known.keys() - now.keys())]


def explained(changelog: str) -> set[str]:
    """The acts that the section of what is not released yet says cost more."""
    section = re.split(r"^## ", changelog, flags=re.MULTILINE)
    unreleased = "".join(part for part in section if "unreleased" in part.partition("\n")[0].lower())
    lines = re.findall(rf"^{re.escape(SAYS_SO)}.*(?:\n  .*)*", unreleased, re.MULTILINE)
    return {name for line in lines for name in re.findall(r"`([^`]+)`", line)}


def _names(name: str) -> set[str]:
    """An act may be named whole, or by its route or job, which means each of its cases."""
    return {name, name.partition(",")[0]}


def told_how(growth: Iterable[Difference]) -> str:
    """What a failing test says."""
    return (
        "these take more of the store, the log or the wire than at the last release:\n"
        + "\n".join(f"  {one}" for one in growth)
        + f"\nIf that is worth it, add a line `{SAYS_SO} …` to CHANGELOG.md that names each in backticks, and run "
        "`make cost ARGS=--write-baseline`."
    )
