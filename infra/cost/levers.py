"""What would make the bill smaller, and by how much: each lever is pulled in the model, none is ranked by hand."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra.cost.act import Act, Later
from infra.cost.loads import Deployment, Load
from infra.cost.model import Bill, bill, is_of_an_order
from infra.cost.prices import Prices
from infra.local.expressions import Schedule

Acts = Mapping[str, Act]
Pulled = tuple[Acts, Load, Deployment]
HOME = "one call for the start page"
_NOTHING = "GET /v1/health"
_MONTHS_AT_HAND = 3


@dataclass(frozen=True, slots=True)
class Lever:
    name: str
    but: str
    """What it takes, or what is lost by it."""
    pull: Callable[[Acts, Load, Deployment], Pulled]


@dataclass(frozen=True, slots=True)
class Effect:
    lever: Lever
    saved: float
    """A month."""


def effects(
    acts: Acts, load: Load, deployed: Deployment, prices: Prices, schedules: Mapping[str, Schedule]
) -> list[Effect]:
    """Every lever by itself, the strongest first. They do not add up: two may save the same request."""
    base = bill(acts, load, deployed, prices, schedules).total

    def saved(lever: Lever) -> float:
        pulled: Bill = bill(*lever.pull(acts, load, deployed), prices, schedules)
        return base - pulled.total

    return sorted((Effect(lever, saved(lever)) for lever in LEVERS), key=lambda one: -one.saved)


def _deployed(**changes: Any) -> Callable[[Acts, Load, Deployment], Pulled]:
    def pull(acts: Acts, load: Load, deployed: Deployment) -> Pulled:
        return acts, load, deployed.model_copy(update=changes)

    return pull


def _changed(change: Callable[[str, Act], Act]) -> Callable[[Acts, Load, Deployment], Pulled]:
    def pull(acts: Acts, load: Load, deployed: Deployment) -> Pulled:
        return {name: change(name, act) for name, act in acts.items()}, load, deployed

    return pull


def _home_in_one(acts: Acts, load: Load, deployed: Deployment) -> Pulled:
    """One request that reads and answers what the others did, without what a request costs by itself."""
    parts = {name: calls for name, calls in load.one_call_home.items() if load.mix.get(name, 0.0) >= calls}
    if not parts:
        return acts, load, deployed
    visits = min(parts.values())
    mix = {name: calls - visits * (name in parts) for name, calls in load.mix.items()}
    mix[HOME] = visits
    together = _joined([acts[name] for name in parts], acts[_NOTHING])
    fewer = visits * (len(parts) - 1)
    hits = {**load.cdn_hits, HOME: min(load.cdn_hits.get(name, 0.0) for name in parts)}
    lighter = load.model_copy(
        update={"mix": mix, "calls_per_user": load.calls_per_user - fewer, "cdn_hits": hits}
    )
    return {**acts, HOME: together}, lighter, deployed


def _joined(parts: list[Act], nothing: Act) -> Act:
    again = len(parts) - 1
    return Act(
        calls=sum(act.calls for act in parts),
        rru=sum(act.rru for act in parts),
        wru=sum(act.wru for act in parts),
        waits=sum((act.waits for act in parts), Counter()),
        answer_bytes=sum(act.answer_bytes for act in parts) - again * nothing.answer_bytes,
        packed_bytes=sum(act.packed_bytes for act in parts) - again * nothing.packed_bytes,
        log_bytes=max(act.log_bytes for act in parts),
        metrics=parts[0].metrics,
        cpu_ms=max(0.0, sum(act.cpu_ms for act in parts) - again * nothing.cpu_ms),
    )


def _guarded_only(acts: Acts, load: Load, deployed: Deployment) -> Pulled:
    """By the share of calls that are of the guarded routes."""
    everything = sum(load.mix.values())
    share = sum(load.mix.get(name, 0.0) for name in load.guarded) / everything if everything else 0.0
    return acts, load, deployed.model_copy(update={"waf_share": share if load.guarded else 1.0})


def _at_hand(acts: Acts, load: Load, deployed: Deployment) -> Pulled:
    return (
        acts,
        load.model_copy(update={"months_of_data": min(load.months_of_data, _MONTHS_AT_HAND)}),
        deployed,
    )


def _fewer_writes(name: str, act: Act) -> Act:
    if not is_of_an_order(name):
        return act
    return replace(act, wru=act.wru * 0.75, later=replace(act.later, wru=act.later.wru * 0.75))


def _one_line(name: str, act: Act) -> Act:
    return replace(act, log_bytes=act.log_bytes // 2) if " " in name.partition(",")[0] else act


def _no_operation_metrics(_: str, act: Act) -> Act:
    kept = {one for one in act.metrics if "operation=" not in one}
    whole = {one.partition(" ")[0] + " status" for one in act.metrics - kept}
    return replace(act, metrics=kept | whole)


def _only_events_wake(_: str, act: Act) -> Act:
    """The consumer's first call stays where it had something to do; those that only saw its own writes go."""
    if not act.later.calls:
        return replace(act, later=Later(stored=act.later.stored, wru=act.later.wru))
    later = copy.copy(act.later)
    later.invocations = 1
    return replace(act, later=later)


def _shop_front_eventual(name: str, act: Act) -> Act:
    public = name.startswith(("GET /v1/products", "GET /v1/categories", "GET /v1/brands"))
    return replace(act, rru=act.rru / 2) if public else act


LEVERS: Iterable[Lever] = (
    Lever(
        "HTTP API instead of REST",
        "Chalice packages REST only; WAF then has to stand at a CDN",
        _deployed(gateway="http"),
    ),
    Lever(
        "a CDN before what everybody may read",
        "those answers say no-store today; hit rates are the load's",
        _deployed(cdn=True),
    ),
    Lever("one call for the start page", "a route that answers what its parts do now", _home_in_one),
    Lever(
        "WAF before signing in, orders and payments alone", "the rest has the app's own limits", _guarded_only
    ),
    Lever("a quarter fewer write units an order", "smaller items, fewer index entries", _changed(_fewer_writes)),
    Lever("orders of three months at hand, older ones in S3", "an archive, and a way to read it", _at_hand),
    Lever("one log line a request instead of two", "the metrics ride on the request's line", _changed(_one_line)),
    Lever(
        "Lambda's own START, END and REPORT lines off",
        "JSON logs, system level WARN",
        _deployed(platform_log_bytes=0),
    ),
    Lever(
        "metrics without the operation",
        "a slow operation is then found in the log",
        _changed(_no_operation_metrics),
    ),
    Lever(
        "the stream wakes its consumer for events alone",
        "a filter on the event source",
        _changed(_only_events_wake),
    ),
    Lever(
        "the stream's consumer takes ten acts at once", "messages up to a second later",
        _deployed(acts_per_stream_call=10),
    ),
    Lever("answers compressed at the gateway", "MinimumCompressionSize", _deployed(compressed=True)),
    Lever("512 MB instead of 1,024", "half the processor, so twice its time", _deployed(memory_mb=512)),
    Lever(
        "the shop front read without consistency",
        "a price may be a second old there",
        _changed(_shop_front_eventual),
    ),
    Lever("no traces", "X-Ray off", _deployed(trace_share=0.0)),
    Lever("no further backup beside point-in-time recovery", "35 days back, no more", _deployed(backups_kept=0)),
)  # fmt: skip
