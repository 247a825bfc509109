"""One request's id leads to all that came of it: its own lines, its writes, and those of the stream and the jobs."""

from typing import Any

import pytest

from chalicelib.core import log, origin
from chalicelib.events import subscriptions
from chalicelib.store import Consumer
from tests.jobs import every_item, of_kind, stream, tick
from tests.lines import logged
from tests.payments.test_paying import pay
from tests.shop import Person, Shop, send
from tests.unchanged import store_calls

TRACE = "1-67891233-abcdef012345678912345678"
TRACED = {"x-amzn-trace-id": f"Root={TRACE};Parent=463ac35c9f6413ad;Sampled=1"}


def placed(shop: Shop, person: Person, **more: Any) -> Any:
    body = {"items": [{"sku_id": shop.sku(), "quantity": 1}], "address_id": shop.address(person)}
    return person.post("/v1/orders", body, **more)


def stored() -> dict[tuple[str, str], dict[str, Any]]:
    """The table, but for counters of limits: they are nobody's request in particular."""
    items = [item for item in every_item() if item["kind"]["S"] not in ("bucket", "rate", "lockout")]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


@pytest.mark.ledger("S1-005")
def test_the_trace_goes_from_the_edge_to_every_write(shop: Shop) -> None:
    lin = shop.customer()
    body = {"items": [{"sku_id": shop.sku(), "quantity": 1}], "address_id": shop.address(lin)}
    before = stored()
    with logged() as lines:
        answer = lin.post("/v1/orders", body, headers=TRACED)
    request_id = answer.headers["x-request-id"]
    assert {line.get("trace_id") for line in lines.of(request_id=request_id)} == {TRACE}
    written = [item for place, item in stored().items() if before.get(place) != item]
    assert {"order", "reservation", "stock", "event"} <= {item["kind"]["S"] for item in written}
    assert {item["rid"]["S"] for item in written} == {request_id}
    assert {item["xray"]["S"] for item in written if "due_pk" in item} == {TRACE}


@pytest.mark.ledger("S0-038")
def test_the_lines_of_stream_and_job_carry_the_request_it_all_began_with(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("away")

    consumers = {**subscriptions.SUBSCRIPTIONS, "order.paid": (Consumer("fails", fails),)}
    monkeypatch.setattr(subscriptions, "SUBSCRIPTIONS", consumers)
    lin = shop.customer()
    with logged() as lines:
        answer = placed(shop, lin, headers=TRACED)
        pay(lin, answer.json["id"])
        paid_by = [line["request_id"] for line in lines.of(event="request") if "payments" in line["path"]]
        stream()
        shop.clock.advance(minutes=2)
        tick()
        shop.clock.advance(hours=49)
        tick()
    failed = lines.of(event="event_failed")
    assert {line["job"] for line in failed} == {"table_stream", "alert_dispatch"}
    assert {line["request_id"] for line in failed} <= set(paid_by)
    (stuck,) = lines.of(event="order_stuck")
    assert stuck["job"] == "alert_dispatch"
    assert stuck["request_id"] in paid_by
    done = lines.of(event="job_done")
    assert done
    assert not [line for line in done if line.get("request_id")], "a run is nobody's request"


def test_what_a_job_writes_belongs_to_the_request_that_set_its_timer(shop: Shop) -> None:
    lin = shop.customer()
    request_id = placed(shop, lin, headers=TRACED).headers["x-request-id"]
    shop.clock.advance(minutes=31)
    tick()
    (order,) = of_kind("order")
    assert (order["status"]["S"], order["rid"]["S"]) == ("cancelled", request_id)
    cancelled = [item for item in of_kind("event") if item["name"]["S"] == "order.cancelled"]
    assert [item["request_id"]["S"] for item in cancelled] == [request_id]
    assert [item["xray"]["S"] for item in cancelled] == [TRACE]
    stream()
    assert {item["rid"]["S"] for item in of_kind("notification")} == {request_id}


def test_one_item_of_a_sweep_leaves_nothing_on_the_lines_of_the_next(shop: Shop) -> None:
    lin = shop.customer()
    ids = {placed(shop, lin).headers["x-request-id"] for _ in range(3)}
    shop.clock.advance(minutes=31)
    tick()
    assert {item["rid"]["S"] for item in of_kind("order")} == ids


def test_knowing_the_request_costs_no_store_call(shop: Shop) -> None:
    lin = shop.customer()
    body = {"items": [{"sku_id": shop.sku(), "quantity": 1}], "address_id": shop.address(lin)}
    lin.get("/v1/me")
    with store_calls() as calls:
        assert lin.post("/v1/orders", body, headers=TRACED).status == 201
    assert calls == ["BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize(
    "said", ["", "Root=", "Root=1-x-y", "../../etc", "Root=1-67891233-ABCDEF012345678912345678"]
)
def test_a_trace_that_is_none_is_left_out(shop: Shop, said: str) -> None:
    with logged() as lines:
        send("GET", "/v1/health", headers={"x-amzn-trace-id": said})
    (line,) = lines.of(event="request")
    assert "trace_id" not in line


def test_lambdas_own_word_on_the_trace_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent=x;Sampled=0")
    other = {"x-amzn-trace-id": "Root=1-00000000-000000000000000000000000"}
    assert origin.trace_fields(other) == {"trace_id": TRACE}


def test_fields_inside_a_block_end_with_it() -> None:
    log.join(request_id="outer")
    with log.joined(request_id="inner"):
        log.add(more="x")
        assert (log.field("request_id"), log.field("more")) == ("inner", "x")
    assert (log.field("request_id"), log.field("more")) == ("outer", "")
    log.join()
