"""What is tried on the deployed shop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from infra.deploy.account import Account
from infra.local.emulator import Emulator
from infra.rehearsal import killing, shop
from infra.rehearsal.shop import Caller, Surprise

STAGE = "test"
_TICK_SECONDS = 75.0
"""A minute's rule, and a moment to work."""
_BUYERS = 3
_ORDERS_EACH = 15
_STOCK = 100

Tell = Callable[[str], None]


@dataclass(slots=True)
class Shelf:
    goods: str
    cards: str


@dataclass(slots=True)
class Rehearsal:
    account: Account
    emulator: Emulator
    base: str
    table: str
    tell: Tell
    staff_act: str = ""
    """The id of a request of the staff's: the stream links its entry into the audit chain, and says so."""

    def open_shelf(self, staff: Caller) -> Shelf:
        goods = shop.product(staff, "physical", _STOCK)
        cards = shop.product(staff, "card_key", 0)
        staff.ask(
            "POST", "/v1/admin/card-keys", {"sku_id": cards, "keys": ["REHEARSAL-1", "REHEARSAL-2"]}, 201
        )
        self.staff_act = staff.request_id
        return Shelf(goods, cards)

    def buy(self, shelf: Shelf) -> None:
        """Register, order, pay, and hold the delivered key in hand."""
        buyer = shop.customer(self.base)
        order_id = shop.order(buyer, shelf.cards)
        payment = buyer.ask("POST", f"/v1/orders/{order_id}/payments", {"provider": "sandbox"}, 201)
        buyer.ask("POST", f"/v1/sandbox/payments/{payment['id']}/pay", {"times": 3})
        bought = buyer.ask("GET", f"/v1/orders/{order_id}")
        if bought["status"] != "completed":
            raise Surprise(f"the paid order of a card key is {bought['status']}")
        delivery = buyer.ask("GET", f"/v1/me/deliveries/{order_id}")
        (key,) = delivery["items"][0]["keys"]
        self.tell(f"registered, ordered, paid (3 callbacks), delivered: {key}")
        path = "/v1/me/notifications"
        found = buyer.wait_for(
            path, lambda page: any(one["about"] == "order.paid" for one in page["data"]), "the message", 60
        )
        self.tell(f"stream consumed: the consumer wrote {len(found['data'])} messages to the customer")

    def leave_unpaid(self, shelf: Shelf) -> list[tuple[Caller, list[str]]]:
        """Orders that nobody pays, by several customers."""
        left = []
        for _ in range(_BUYERS):
            buyer = shop.customer(self.base)
            where = shop.address(buyer)
            left.append((buyer, [shop.order(buyer, shelf.goods, where) for _ in range(_ORDERS_EACH)]))
        self.tell(f"{_BUYERS * _ORDERS_EACH} orders are left unpaid, for one minute each")
        return left

    def wait_for_cron(self, function: str) -> None:
        """A rule fired by itself: the function it calls wrote its line, and nobody else invoked it."""
        found = self._wait_for_line(function, "job_done", 2 * _TICK_SECONDS)
        self.tell(f"cron fired: {function} {found[:120]}")

    def hold(self, function: str, *, back: bool) -> None:
        """Stop a job's rule, or let it go on."""
        events = self.account.client("events")
        act = events.disable_rule if back else events.enable_rule
        act(Name=f"souk-{STAGE}-{function}")

    def kill_the_sweep(self, left: list[tuple[Caller, list[str]]], due_at: float) -> None:
        """The orders are due; the job that closes them dies in the middle; the next tick closes the rest, each once."""
        time.sleep(max(0.0, due_at - time.time()))

        def has_begun() -> bool:
            return self._closed(left[:1]) > 0

        pid = killing.kill_when(self.account, f"souk-{STAGE}-order_timeout", has_begun, self.emulator.pid)
        done = self._closed(left)
        total = _BUYERS * _ORDERS_EACH
        self.tell(f"killed process {pid} of order_timeout with {done} of {total} orders closed")

    def watch_it_finish(self, left: list[tuple[Caller, list[str]]], shelf: Shelf) -> None:
        total, deadline = _BUYERS * _ORDERS_EACH, time.monotonic() + 3 * _TICK_SECONDS
        while (done := self._closed(left)) < total:
            if time.monotonic() > deadline:
                raise Surprise(f"after the job was killed {done} of {total} unpaid orders are cancelled")
            time.sleep(1)
        stock = left[0][0].ask("GET", f"/v1/skus/{shelf.goods}/stock")
        if (stock["available"], stock["reserved"]) != (_STOCK, 0):
            raise Surprise(f"the stock did not come back whole: {stock}")
        self.tell(
            f"retried: the next tick closed all {total}; stock is back: {stock['available']} of {_STOCK}"
        )

    def _closed(self, left: list[tuple[Caller, list[str]]]) -> int:
        done = 0
        for buyer, _ in left:
            rows = buyer.ask("GET", "/v1/orders?limit=100")["data"]
            done += sum(row["status"] == "cancelled" for row in rows)
        return done

    def _wait_for_line(self, function: str, event: str, seconds: float) -> str:
        """A log line of a function, as CloudWatch has it."""
        logs, group = self.account.client("logs"), f"/aws/lambda/souk-{STAGE}-{function}"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{event}"')["events"]
            if found:
                return str(found[0]["message"]).strip()
            time.sleep(1)
        raise Surprise(f"{function} wrote no {event} within {seconds:.0f} s")
