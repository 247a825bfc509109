"""`make verify` on a table with real orders: it holds, and what is then broken by hand it finds."""

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from chalicelib.core import clock as clocks
from chalicelib.core.ids import same_ulid
from chalicelib.fulfilment.entities import card_key_ref
from chalicelib.inventory.entities import Reservation, stock_ref
from chalicelib.orders.entities import book_ref
from chalicelib.payments.entities import Refund, payment_ref
from chalicelib.points.entities import PointsEntry, points_ref
from chalicelib.store import Ref, client, timers
from infra.local.template import create_table
from infra.verify import __main__ as verify
from infra.verify.checks import CHECKS
from tests.conftest import MORNING
from tests.jobs import every_item, of_kind, stream
from tests.shop import Person, Shop, send

TENANT, TABLE = "default", "souk-test"


class Lived:
    """A shop in which things have happened: an order of each fate."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.person = shop.customer()
        self.cup, self.key = shop.sku(stock=9), shop.sku(kind="card_key", stock=5)
        shop.admin.post(f"/v1/admin/skus/{self.cup}/stock-adjustments", {"delta": 1, "reason": "counted"})
        self.paid, self.payment = self._paid(self.cup, 2)
        self.keys_paid, _ = self._paid(self.key, 2)
        self.unpaid = shop.order(self.person, self.cup)["id"]
        cancelled = shop.order(self.person, self.key)["id"]
        assert self.person.post(f"/v1/orders/{cancelled}/cancel").status == 200
        self._paid_too_late()
        for delta in (30, -10):
            body = {"delta": delta, "reason": "a broken cup"}
            shop.admin.post(f"/v1/admin/users/{self.person.id}/points-adjustments", body)
        stream()

    def _paid(self, sku_id: str, quantity: int) -> tuple[str, str]:
        order_id = self.shop.order(self.person, sku_id, quantity)["id"]
        payment_id = self._payment(self.person, order_id)
        assert send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {}).status == 200
        return order_id, payment_id

    def _payment(self, person: Person, order_id: str) -> str:
        answer = person.post(f"/v1/orders/{order_id}/payments", {"provider": "sandbox"})
        assert answer.status == 201, answer.text
        return str(answer.json["id"])

    def _paid_too_late(self) -> None:
        """Two payments of one order: the second is refunded."""
        order_id = self.shop.order(self.person, self.cup)["id"]
        first = self._payment(self.person, order_id)
        second = self.person.post(
            f"/v1/orders/{order_id}/payments", {"provider": "sandbox", "method": "native"}
        ).json["id"]
        for payment_id in (first, second):
            send("POST", f"/v1/sandbox/payments/{payment_id}/pay", {})
        self.refunded = second

    def payment_ref(self, payment_id: str) -> Ref:
        return payment_ref(TENANT, payment_id, self.person.id)

    def refund(self) -> Refund:
        return Refund.from_wire(next(item for item in of_kind("refund")))


@pytest.fixture(scope="module")
def story() -> Iterator[Lived]:
    """One table for all tests here: what happened in it takes longer than what is then broken."""
    with pytest.MonkeyPatch.context() as patch, mock_aws(), clocks.use(clocks.SetClock(MORNING)) as clock:
        patch.setattr(timers, "threads", 1)
        client.forget()
        create_table(client.client(), TABLE)
        assert isinstance(clock, clocks.SetClock)
        yield Lived(Shop.open(clock))
    client.forget()


@pytest.fixture
def lived(story: Lived, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lived]:
    """The shop as it was, and as it will be for the next test."""
    monkeypatch.setattr(verify, "pause_seconds", 0.0)
    before = {(item["pk"]["S"], item["sk"]["S"]): item for item in every_item()}
    yield story
    after = {(item["pk"]["S"], item["sk"]["S"]): item for item in every_item()}
    for key in after.keys() - before.keys():
        client.client().delete_item(TableName=TABLE, Key=Ref(*key).wire())
    for key, was in before.items():
        if after.get(key) != was:
            client.client().put_item(TableName=TABLE, Item=was)


def write(ref: Ref, **values: dict[str, Any]) -> None:
    """Behind the shop's back: set attributes of an item, in DynamoDB's own form."""
    client.client().update_item(
        TableName=TABLE,
        Key=ref.wire(),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeNames={f"#{name}": name for name in values},
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )


def finds(capsys: pytest.CaptureFixture[str], rule: str, *words: str) -> str:
    """Verify blames `rule` first, and its report has these words."""
    assert verify.main([]) == 1
    shown = capsys.readouterr().out
    assert f"{rule} does not hold: " in shown
    for word in words:
        assert word in shown
    return shown


def test_a_shop_that_lived_passes_every_check(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(of_kind("refund")) == 1
    assert verify.main([]) == 0
    shown = capsys.readouterr().out
    assert "Verifying table souk-test at " in shown
    assert "5 Order" in shown
    assert f"All {len(CHECKS)} checks hold." in shown
    assert "BROKEN" not in shown


@pytest.mark.rule("B3")
def test_a_stock_count_off_by_one_is_found_with_what_moved_it(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    left = lived.shop.stock(lived.cup)["available"]
    write(stock_ref(TENANT, lived.cup), available={"N": str(left + 1)})
    shown = finds(capsys, "B3", f"{lived.cup}: 11 units accounted for, 10 came in", "+1 by usr_", ": counted")
    assert f"2 for order {lived.paid}, now deducted" in shown
    assert f"1 for order {lived.unpaid}, now held" in shown


@pytest.mark.rule("B3", "B4")
def test_a_reservation_released_under_a_paid_order_is_found(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    reservation = Reservation.key.of(TENANT, reservation_id=same_ulid("rsv", lived.paid))
    write(reservation, state={"S": "released"})
    write(stock_ref(TENANT, lived.cup), sold={"N": "1"}, available={"N": "8"})  # so that stock adds up
    finds(capsys, "B3", f"order {lived.paid} is paid, its stock released", "pay by provider: paid")


@pytest.mark.rule("B10")
def test_a_card_key_on_two_orders_is_found_with_both(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    other = lived.shop.order(lived.person, lived.key)["id"]
    wire = next(item for item in of_kind("order") if item["order_id"]["S"] == other)
    wire["lines"]["L"][0]["M"]["held"] = {"L": [{"N": "1"}]}  # which the paid order was given
    write(Ref(wire["pk"]["S"], wire["sk"]["S"]), lines=wire["lines"])
    shown = finds(capsys, "B10", f"key 1 of {lived.key} belongs to 2 orders")
    assert f"order {lived.keys_paid}, now completed" in shown
    assert f"order {other}, now pending_payment" in shown


@pytest.mark.rule("B10")
def test_a_card_key_marked_as_sold_to_another_order_is_found(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    write(card_key_ref(TENANT, lived.key, 1), order_id={"S": lived.paid})
    finds(capsys, "B10", f"key 1 of {lived.key} is not marked as sold to its order")


@pytest.mark.rule("B13")
def test_refunds_above_what_was_paid_are_found_with_the_payments_log(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    refund = lived.refund()
    amount = {"M": {"amount": {"N": "4000"}, "currency": {"S": "CNY"}}}
    write(refund.ref, amount=amount)
    write(lived.payment_ref(lived.refunded), refunded={"N": "4000"})
    finds(capsys, "B13", f"payment {lived.refunded}: more refunded than paid", "refund rfd_", "of 4000 CNY")


@pytest.mark.rule("B13")
def test_a_refund_nobody_wrote_down_on_its_payment_is_found(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    write(lived.payment_ref(lived.payment), refunded={"N": "1"})
    finds(capsys, "B13", f"payment {lived.payment}: 1 refunded, refunds say 0")


@pytest.mark.rule("B11", "B12")
def test_a_paid_order_whose_payment_failed_is_found(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    write(lived.payment_ref(lived.payment), status={"S": "failed"})
    finds(capsys, "B12", f"order {lived.paid} is paid without a successful payment")


@pytest.mark.rule("B23")
def test_a_wrong_count_in_a_customers_book_is_found_with_their_orders(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    write(book_ref(TENANT, lived.person.id), paid={"N": "7"})
    finds(capsys, "B23", f"{lived.person.id} has 2 orders paid, the book says else", f"order {lived.unpaid}")


def test_a_balance_that_its_entries_do_not_make_is_found_with_them(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    write(points_ref(TENANT, lived.person.id), balance={"N": "21"})
    said = f"{lived.person.id}: 21 of 30 points, entries say 20 of 30"
    finds(capsys, "points", said, "+30 for adjustment:adj_", "-10 for adjustment:adj_", "a broken cup")


def test_a_balance_below_zero_is_found(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    write(points_ref(TENANT, lived.person.id), balance={"N": "-1"})
    finds(capsys, "points", f"{lived.person.id} has -1 points")


def test_an_entry_that_is_gone_is_missed(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(
        PointsEntry.from_wire(item) for item in of_kind("points_entry") if item["delta"]["N"] == "-10"
    )
    client.client().delete_item(TableName=TABLE, Key=entry.ref.wire())
    finds(capsys, "points", "20 of 30 points, entries say 30 of 30")


def test_entries_without_an_account_are_found(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    client.client().delete_item(TableName=TABLE, Key=points_ref(TENANT, lived.person.id).wire())
    finds(capsys, "points", f"{lived.person.id} has entries of points and no account")


def test_several_findings_are_counted_and_every_broken_check_is_named(
    lived: Lived, capsys: pytest.CaptureFixture[str]
) -> None:
    write(book_ref(TENANT, lived.person.id), paid={"N": "7"})
    write(lived.payment_ref(lived.payment), refunded={"N": "1"})
    shown = finds(capsys, "B13")
    assert "BROKEN  B13: " in shown
    assert "BROKEN  B23: " in shown
    assert "2 finding(s) against B13, B23; the first is shown." in shown


def test_what_is_right_at_a_second_look_is_not_blamed(
    lived: Lived, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a purchase is written while the table is read."""
    ref = book_ref(TENANT, lived.person.id)
    write(ref, paid={"N": "7"})
    monkeypatch.setattr("time.sleep", lambda _: write(ref, paid={"N": "2"}))
    assert verify.main([]) == 0


def export(path: Path) -> list[str]:
    """The table as DynamoDB exports it: JSON lines, bytes as base64."""

    def plain(value: Any) -> Any:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)

    return [json.dumps({"Item": item}, default=plain) for item in every_item()]


def test_an_export_is_read_as_dynamodb_writes_it(
    lived: Lived, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = export(tmp_path)
    (tmp_path / "data").mkdir()
    with gzip.open(tmp_path / "data" / "part-1.json.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines[: len(lines) // 2]))
    (tmp_path / "data" / "part-2.json").write_text("\n".join(lines[len(lines) // 2 :]))
    assert verify.main(["--export", str(tmp_path)]) == 0
    assert "5 CardKey" in capsys.readouterr().out
    write(lived.payment_ref(lived.payment), refunded={"N": "1"})
    (tmp_path / "one.json").write_text("\n".join(export(tmp_path)))
    assert verify.main(["--export", str(tmp_path / "one.json")]) == 1


@pytest.mark.parametrize(("text", "said"), [("", "no item of a kind"), ("{]", "line 1 is no DynamoDB item")])
def test_what_is_no_export_proves_nothing(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "export.json").write_text(text)
    assert verify.main(["--export", str(tmp_path / "export.json")]) == 2
    assert said in capsys.readouterr().err


def test_without_a_shop_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SOUK_TABLE")
    monkeypatch.setenv("SOUK_DATA", str(tmp_path))
    assert verify.main([]) == 2
    gone = {"endpoint": "http://127.0.0.1:1", "table": "souk-local", "port": 1}
    (tmp_path / "running.json").write_text(json.dumps(gone))  # as a killed shop leaves it
    assert verify.main([]) == 2
    assert capsys.readouterr().err.count(f"no shop is running on the data in {tmp_path}") == 2
