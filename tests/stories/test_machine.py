"""Everything that can happen to a shop, in any order, killed at any store call: the books are right at every step."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.core import clock as clocks
from chalicelib.payments.providers.sandbox import SandboxCharge
from infra.verify.books import read
from infra.verify.checks import findings
from tests.conftest import MORNING
from tests.faults import Killed, killed_at
from tests.jobs import every_item, of_kind, stream, tick
from tests.shop import Person, Shop, send

CUPS, KEYS = 5, 4
kills = st.one_of(st.none(), st.tuples(st.integers(1, 6), st.booleans()))
"""At which store call the process ends, and whether that call was applied."""
orders = st.integers(0, 9)


class ShopMachine(RuleBasedStateMachine):
    """Two customers, one SKU of cups, one of card keys; a provider that pays, repeats and delays."""

    fresh_table: Callable[[], None]

    @initialize()
    def open(self) -> None:
        type(self).fresh_table()
        self.clock = clocks.current()
        assert isinstance(self.clock, clocks.SetClock)
        self.clock.advance(seconds=(MORNING - self.clock.now()).total_seconds())
        self.shop = Shop.open(self.clock)
        self.skus = {"cup": self.shop.sku(stock=CUPS), "key": self.shop.sku(kind="card_key", stock=KEYS)}
        self.people = [self.shop.customer(), self.shop.customer()]
        self.addresses = [self.shop.address(one) for one in self.people]
        self.placed: list[tuple[int, str]] = []
        self.tries = 0

    def under(self, kill: tuple[int, bool] | None, act: Callable[[], Any]) -> Any:
        """Act; when a kill is due, die there, and let a fresh process go on."""
        if kill is None:
            return act()
        # clients refresh their tokens outside: a lost refresh asks them to sign in again, which is another story
        assert all(one.token for one in (*self.people, self.shop.admin))
        with killed_at(kill[0], after=kill[1]):
            try:
                return act()
            except Killed:
                return None

    def pick(self, which: int) -> tuple[Person, str] | None:
        if not self.placed:
            return None
        who, order_id = self.placed[which % len(self.placed)]
        return self.people[who], order_id

    @rule(who=st.integers(0, 1), what=st.sampled_from(["cup", "key"]), units=st.integers(1, 3), kill=kills)
    def place(self, who: int, what: str, units: int, kill: tuple[int, bool] | None) -> None:
        """Killed or not, the client tries again with the same key: one order at most."""
        person = self.people[who]
        self.tries += 1
        body = {"items": [{"sku_id": self.skus[what], "quantity": units}], "address_id": self.addresses[who]}
        before = len(of_kind("order"))
        self.under(kill, lambda: person.post("/v1/orders", body, key=f"try-{self.tries}"))
        answer = person.post("/v1/orders", body, key=f"try-{self.tries}")
        assert answer.status in (201, 409), answer.text
        if answer.status == 201:
            self.placed.append((who, answer.json["id"]))
        assert len(of_kind("order")) - before == (answer.status == 201)

    @rule(which=orders, method=st.sampled_from(["page", "native"]), kill=kills)
    def start_payment(self, which: int, method: str, kill: tuple[int, bool] | None) -> None:
        if chosen := self.pick(which):
            person, order_id = chosen
            body = {"provider": "sandbox", "method": method}
            answer = self.under(kill, lambda: person.post(f"/v1/orders/{order_id}/payments", body))
            assert answer is None or answer.status in (201, 409), answer.text

    @rule(which=orders, times=st.integers(0, 2), delay=st.sampled_from([0, 90]), kill=kills)
    def pay_at_the_provider(self, which: int, times: int, delay: int, kill: tuple[int, bool] | None) -> None:
        charges = of_kind("sandbox_charge")
        if charges:
            payment_id = charges[which % len(charges)]["payment_id"]["S"]
            body = {"times": max(1, times), "deliver": times > 0, "delay_seconds": delay}
            answer = self.under(kill, lambda: send("POST", f"/v1/sandbox/payments/{payment_id}/pay", body))
            assert answer is None or answer.status in (200, 409), answer.text

    @rule(which=orders, kill=kills)
    def cancel(self, which: int, kill: tuple[int, bool] | None) -> None:
        if chosen := self.pick(which):
            person, order_id = chosen
            answer = self.under(kill, lambda: person.post(f"/v1/orders/{order_id}/cancel"))
            assert answer is None or answer.status in (200, 409), answer.text

    @rule(which=orders, kill=kills)
    def ship(self, which: int, kill: tuple[int, bool] | None) -> None:
        if chosen := self.pick(which):
            _, order_id = chosen
            parcel = {"carrier": "SF", "tracking_number": "SF1"}
            answer = self.under(
                kill, lambda: self.shop.admin.post(f"/v1/admin/orders/{order_id}/shipments", parcel)
            )
            assert answer is None or answer.status in (201, 409), answer.text

    @rule(kill=kills)
    def tick(self, kill: tuple[int, bool] | None) -> None:
        self.under(kill, tick)

    @rule(kill=kills, times=st.integers(1, 2))
    def deliver_the_stream(self, kill: tuple[int, bool] | None, times: int) -> None:
        self.under(kill, lambda: stream(times))

    @rule(minutes=st.sampled_from([1, 2, 29, 31, 120]))
    def time_passes(self, minutes: int) -> None:
        assert isinstance(self.clock, clocks.SetClock)
        self.clock.advance(minutes=minutes)

    @precondition(lambda self: hasattr(self, "shop"))
    @invariant()
    def the_books_are_right(self) -> None:
        """An act that no stream and no job had a chance to link is late, not wrong: by the end it must be linked."""
        wrong = [finding.what for finding in findings(read(every_item()))]
        assert [what for what in wrong if not what.endswith("was never linked")] == []

    def teardown(self) -> None:
        """Left alone, the shop comes to rest: nothing half done, and all money where its goods are."""
        if not hasattr(self, "shop"):
            return
        assert isinstance(self.clock, clocks.SetClock)
        for _ in range(6):
            self.clock.advance(minutes=35)
            tick()
            stream()
        assert [finding.what for finding in findings(read(every_item()))] == []
        states = {item["order_id"]["S"]: item["status"]["S"] for item in of_kind("order")}
        assert not {"pending_payment", "closing", "refunding"} & set(states.values()), states
        kept: dict[str, int] = dict.fromkeys(states, 0)
        for wire in of_kind("sandbox_charge"):
            charge = SandboxCharge.from_wire(wire)
            kept[charge.order_id] += (charge.state == "paid") and charge.refunded == 0
        paid = {order_id for order_id, state in states.items() if state not in ("cancelled", "refunded")}
        wrong = {order_id for order_id, count in kept.items() if count != (order_id in paid)}
        assert not wrong, (states, kept)


@pytest.mark.emulator
@pytest.mark.rule("B3", "B4", "B5", "B8", "B10", "B12", "B13", "B22", "B23")
@pytest.mark.ledger("S1-062", "S1-058")
def test_any_story_killed_anywhere_leaves_the_books_right(
    emulator: Any, clock: clocks.SetClock, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    from chalicelib.core import settings as app_settings
    from chalicelib.store import client, timers
    from infra.local.template import create_table

    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", emulator.endpoint)
    monkeypatch.setattr(timers, "threads", 1)
    tables = iter(range(10**6))

    def fresh_table() -> None:
        monkeypatch.setenv("SOUK_TABLE", f"souk-machine-{next(tables)}")
        app_settings.settings.cache_clear()
        client.forget()
        create_table(client.client(), app_settings.settings().table)

    ShopMachine.fresh_table = staticmethod(fresh_table)
    try:
        run_state_machine_as_test(
            ShopMachine,
            settings=settings(
                max_examples=25,
                stateful_step_count=20,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        monkeypatch.undo()
        app_settings.settings.cache_clear()
        client.forget()
