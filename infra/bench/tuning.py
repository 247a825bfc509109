"""`make bench ARGS=--tuning`: what each way of being quick saves, beside doing without it, counted in one run.

Store calls and read units are the same on every machine, and a test holds docs/tuning.md against them. Times are this
machine's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chalicelib.identity import service as who
from chalicelib.store import client, timers
from chalicelib.store.client import call, table_name
from chalicelib.tenants import service as tenants
from infra.bench import imports
from infra.cost import tape
from infra.cost.measuring import a_shop
from infra.cost.walker import Walker
from infra.local.emulator import Emulator

PRODUCTS = 120
PAGE = 20
_EVERYTHING = "import app\nassert app.app.operations"
_LATENCY_SECONDS = 0.02
DUE = 32
THREADS = 8
SWEPT = f"{DUE} due reservations, the store 20 ms away: one after another, or {THREADS} at once"
_PUBLISHED = "default#PRODUCT#published"
_LISTS = ("/v1/me", "/v1/orders/counts", "/v1/me/points", "/v1/me/favorites", "/v1/me/addresses")


@dataclass(frozen=True, slots=True)
class Count:
    calls: int
    rru: float

    def __str__(self) -> str:
        return f"{self.calls}, {self.rru:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, done without and with what makes it quick: store calls, read units."""

    what: str
    without: Count
    with_: Count

    def __str__(self) -> str:
        return f"| {self.what} | {self.without} | {self.with_} |"


def counts(walk: Walker) -> Iterator[Row]:
    """What can be counted. `walk` is in a shop of `PRODUCTS` products."""

    def counted(act: Callable[[], Any]) -> Count:
        walk.settle()
        listening = tape.Tape()
        with listening.running(client.client()):
            act()
        calls = listening.take()
        return Count(len(calls), tape.read_units(calls))

    def ask(url: str) -> Callable[[], Any]:
        return lambda: walk.shop.ask("GET", url, token=walk.shop.customer)

    page = f"/v1/products?limit={PAGE}"
    ask(page)()
    with_rows = counted(lambda: walk.shop.ask("GET", page))
    yield Row("a page of 20 products: keys from an index, then each product", counted(_by_keys), with_rows)
    last = f"{page}&cursor={_deep(walk)}"
    yield Row(
        "the sixth page of them: by offset, or by cursor",
        counted(_by_offset),
        counted(lambda: walk.shop.ask("GET", last)),
    )
    ask("/v1/me")()
    warm = counted(ask("/v1/me"))
    yield Row(
        "a signed-in read: session and shop asked for, or remembered", counted(_cold(ask("/v1/me"))), warm
    )
    several = [counted(ask(url)) for url in _LISTS]
    one_by_one = Count(sum(one.calls for one in several), sum(one.rru for one in several))
    yield Row("one's own page: five requests, or the summary", one_by_one, counted(ask("/v1/me/summary")))


def _cold(act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> None:
        who.forget_sessions()
        tenants.forget()
        act()

    return run


def _by_keys() -> None:
    found = _published(Limit=PAGE + 1, ProjectionExpression="pk, sk")
    for key in found[:PAGE]:
        call("GetItem", TableName=table_name(), Key={"pk": key["pk"], "sk": key["sk"]})


def _by_offset() -> None:
    _published(Limit=PRODUCTS)


def _published(**more: Any) -> list[dict[str, Any]]:
    answer = call(
        "Query",
        TableName=table_name(),
        IndexName="by_state",
        KeyConditionExpression="state_pk = :p",
        ExpressionAttributeValues={":p": {"S": _PUBLISHED}},
        ScanIndexForward=False,
        **more,
    )
    found: list[dict[str, Any]] = answer["Items"]
    return found


def _deep(walk: Walker) -> str:
    cursor = ""
    for _ in range(PRODUCTS // PAGE - 1):
        more = f"&cursor={cursor}" if cursor else ""
        cursor = walk.shop.send("GET", f"/v1/products?limit={PAGE}{more}")["next_cursor"]
    return cursor


@dataclass(slots=True)
class Swept:
    seconds: float = 0.0
    at_once: int = 0
    """The most store calls that were under way together."""


def swept(walk: Walker, threads: int, latency_seconds: float = _LATENCY_SECONDS) -> Swept:
    """`stock_release` over `DUE` reservations, so many at once, while the store answers late."""
    login = {"login": "admin@souk.test", "password": "souk-local-admin"}
    admin = walk.get_ready("POST", "/v1/auth/login", login)["access_token"]
    for number in range(DUE):
        lines = [{"sku_id": walk.shop.skus[number % PAGE], "quantity": 1}]
        wish = {"reference": f"{threads}-{number}", "lines": lines}
        walk.get_ready("POST", "/v1/admin/inventory/reservations", wish, admin)
    walk.clock.advance(minutes=40)
    found = Swept()
    with patch.object(timers, "threads", threads), _slow_store(found, latency_seconds):
        began = time.perf_counter()
        walk.tick("stock_release")
        found.seconds = time.perf_counter() - began
    return found


@contextmanager
def _slow_store(found: Swept, latency_seconds: float) -> Iterator[None]:
    lock, under_way = threading.Lock(), 0

    def wait(**_: Any) -> None:
        nonlocal under_way
        with lock:
            under_way += 1
            found.at_once = max(found.at_once, under_way)
        time.sleep(latency_seconds)
        with lock:
            under_way -= 1

    events = client.client().meta.events
    events.register("before-send.dynamodb", wait)
    try:
        yield
    finally:
        events.unregister("before-send.dynamodb", wait)


@contextmanager
def tuned_shop(endpoint: str, table: str = "souk-tuning") -> Iterator[Walker]:
    with a_shop(endpoint, table, PRODUCTS) as walk:
        yield walk


def show(env: dict[str, str]) -> None:
    with Emulator() as emulator, tuned_shop(emulator.endpoint) as walk:
        print("| what | without: store calls, RRU | with |\n|---|---|---|")
        for row in counts(walk):
            print(row)
        alone, together = swept(walk, 1), swept(walk, THREADS)
    everything, ours = imports.best(env, _EVERYTHING)
    print(f"| {SWEPT} | {alone.seconds:.2f} s | {together.seconds:.2f} s |")
    print(
        f"| a cold start's imports: every domain, or none until asked for | {everything:.0f} ms | {ours:.0f} ms |"
    )
