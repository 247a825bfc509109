"""What one act was measured to take, and its form in docs/costs.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.cost.tape import Change

IDLE, ONE_DUE = "nothing due", "one due"
"""Two cases of a job: `order_timeout, one due` takes what the empty tick takes, and one order's more."""
Stored = dict[str, list[int | None]]
"""Kind of item → bytes that storage grew by (with index entries and overhead), days they are kept (None: for good)."""


@dataclass(slots=True)
class Later:
    """What the stream's consumer did about an act: a Lambda call of its own, and more when it wrote something."""

    invocations: int = 0
    calls: int = 0
    rru: float = 0.0
    wru: float = 0.0
    waits: Counter[str] = field(default_factory=Counter)
    log_bytes: int = 0
    metrics: set[str] = field(default_factory=set)
    cpu_ms: float = 0.0
    stored: Stored = field(default_factory=dict)
    first: list[Change] = field(default_factory=list)
    """The records that came of the act itself; not kept in the file."""
    rest: list[Change] = field(default_factory=list)
    """Those that came of the consumer; not kept either."""


@dataclass(slots=True)
class Act:
    calls: int = 0
    rru: float = 0.0
    wru: float = 0.0
    waits: Counter[str] = field(default_factory=Counter)
    """How many of the calls are `reads`, `writes`, `transactions`."""
    answer_bytes: int = 0
    packed_bytes: int = 0
    """The answer with its body compressed."""
    log_bytes: int = 0
    metrics: set[str] = field(default_factory=set)
    stream_records: int = 0
    cpu_ms: float = 0.0
    """Processor time of the machine that measured; no promise, and compared with nothing."""
    stored: Stored = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    """Partition that stands for no single thing, such as `by_state: default#ORDERS#paid` → write units there, with the
    consumer's."""
    later: Later = field(default_factory=Later)

    @property
    def all_wru(self) -> float:
        """With what the stream's consumer wrote about it."""
        return self.wru + self.later.wru

    @property
    def all_rru(self) -> float:
        return self.rru + self.later.rru

    def as_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "rru": self.rru,
            "wru": self.wru,
            "waits": dict(sorted(self.waits.items())),
            "answer_bytes": self.answer_bytes,
            "packed_bytes": self.packed_bytes,
            "log_bytes": self.log_bytes,
            "metrics": sorted(self.metrics),
            "stream_records": self.stream_records,
            "cpu_ms": self.cpu_ms,
            "stored": dict(sorted(self.stored.items())),
            "shared": dict(sorted(self.shared.items())),
            "later": {
                "invocations": self.later.invocations,
                "calls": self.later.calls,
                "rru": self.later.rru,
                "wru": self.later.wru,
                "waits": dict(sorted(self.later.waits.items())),
                "log_bytes": self.later.log_bytes,
                "metrics": sorted(self.later.metrics),
                "cpu_ms": self.later.cpu_ms,
                "stored": dict(sorted(self.later.stored.items())),
            },
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Act:
        later = Later(**_read(told["later"]))
        return cls(
            **{**_read({name: value for name, value in told.items() if name != "later"}), "later": later}
        )


def _read(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "waits": Counter(told["waits"]), "metrics": set(told["metrics"])}
