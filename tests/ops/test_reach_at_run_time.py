"""The code runs, and every function of ours that it comes through is one that the reading came through."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from infra.reach import closure
from infra.reach.program import Function, shipped
from infra.tools.generated import ROOT
from tests import jobs, permitted
from tests import shop as shops
from tests.jobs import stream, tick
from tests.orders.test_shipping import PARCEL, paid
from tests.privacy.test_closing import close
from tests.shop import Shop

Ran = dict[str, set[str]]


def full_name(code: CodeType) -> str:
    """Of one of our functions; what is made inside a function stands for it. Empty for any other code."""
    path = Path(code.co_filename)
    if not path.is_relative_to(ROOT / "chalicelib"):
        return ""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    name = f"{module}.{code.co_qualname}".partition(".<locals>")[0]
    return name if isinstance(shipped().things.get(name), Function) else ""


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Packaged function → the functions of the code that ran for it."""
    found: Ran = defaultdict(set)
    known: dict[CodeType, str] = {}

    @contextmanager
    def running_as(function: str) -> Iterator[None]:
        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "call":
                if frame.f_code not in known:
                    known[frame.f_code] = full_name(frame.f_code)
                found[function].add(known[frame.f_code])

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            with permitted.running_as(function):
                yield
        finally:
            sys.setprofile(before)

    monkeypatch.setattr(jobs, "running_as", running_as)
    monkeypatch.setattr(shops, "running_as", running_as)
    return found


def a_day(shop: Shop, clock: Any) -> None:
    """Sold and shipped, sold and delivered by itself, left unpaid; somebody leaves; the clock goes on."""
    lin, wei = shop.customer("Lin"), shop.customer("Wei")
    cup = shop.sku(stock=5)
    sent = paid(shop, lin, (cup, 1))
    paid(shop, lin, (shop.sku(kind="card_key", stock=3), 1))
    stream()
    assert shop.admin.post(f"/v1/admin/orders/{sent}/shipments", PARCEL).status == 201
    shop.order(wei, cup)
    assert close(shop.customer("Mo")).status == 204
    stream()
    for minutes in (31, 60 * 24 * 11):
        clock.advance(minutes=minutes)
        tick()
        stream()
    assert lin.get(f"/v1/orders/{sent}").json["status"] == "completed"


def test_nothing_runs_that_was_not_reached(shop: Shop, clock: Any, ran: Ran) -> None:
    a_day(shop, clock)
    assert ran.keys() == closure.ways_in().keys()
    assert sum(len(names) for names in ran.values()) > 500, (
        "the day did not come far enough to prove anything"
    )
    missed = {
        function: names - closure.reach(function).came_from.keys() - {""} for function, names in ran.items()
    }
    assert {function: sorted(names) for function, names in missed.items() if names} == {}
