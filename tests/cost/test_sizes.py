"""How large an item is, and what reading and writing it takes."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.store import client
from chalicelib.store.client import call, table_name
from infra.cost import sizes, tape
from infra.cost.sizes import item_size, read_units, stored_bytes, write_units
from infra.cost.tape import Change, Tape


def item(size: int = 0, **more: Any) -> dict[str, Any]:
    """An item of the table with `size` more bytes."""
    return {"pk": {"S": "p"}, "sk": {"S": "s"}, "kind": {"S": "x"}, "fill": {"S": "a" * size}, **more}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "杯子"}, 6),
        ({"N": "0"}, 2),
        ({"N": "1999"}, 3),
        ({"N": "-100"}, 3),
        ({"N": "1000000"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": b"1234"}, 4),
        ({"SS": ["ab", "c"]}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "a"}, {"S": "b"}]}, 3 + 2 * 2),
        ({"M": {"name": {"S": "Lin"}}}, 3 + 4 + 3 + 1),
    ],
)
def test_a_value_is_as_large_as_the_guide_says(value: dict[str, Any], size: int) -> None:
    assert item_size({"n": value}) == 1 + size


def test_an_index_entry_is_stored_and_written_beside_its_item() -> None:
    plain = item()
    listed = item(owner_pk={"S": "o"}, owner_sk={"S": "1"}, card={"M": {}})
    assert stored_bytes(plain) == item_size(plain) + 100
    assert (
        stored_bytes(listed) == item_size(listed) + 100 + item_size(sizes.entries(listed)["by_owner"]) + 100
    )
    assert (write_units(None, plain), write_units(None, listed)) == (1, 2)
    assert write_units(listed, None) == 2


def test_an_index_costs_what_changes_in_it() -> None:
    one = item(owner_pk={"S": "o"}, owner_sk={"S": "1"}, card={"M": {}})
    assert write_units(one, {**one, "fill": {"S": "b"}}) == 1
    assert write_units(one, {**one, "card": {"M": {"title": {"S": "x"}}}}) == 2
    assert write_units(one, {**one, "owner_sk": {"S": "2"}}) == 3


def test_the_larger_image_counts() -> None:
    assert write_units(item(3000), item(10)) == write_units(item(10), item(3000)) == 3


def test_a_query_is_rounded_once_and_keys_each_by_itself() -> None:
    assert read_units([10, 10, 10], consistent=True, together=True) == 1
    assert read_units([10, 10, 10], consistent=True, together=False) == 3
    assert read_units([5000], consistent=False, together=False) == 1
    assert read_units([], consistent=False, together=True) == 0.5


@pytest.fixture
def listened(live_table: None) -> Iterator[Tape]:
    recorder = Tape()
    with recorder.running(client.client()):
        yield recorder


@pytest.mark.emulator
@pytest.mark.parametrize("size", [10, 900, 1100, 3500])
def test_plain_calls_cost_what_the_engine_reports(listened: Tape, size: int) -> None:
    """Nothing is made up where there is somebody to ask."""
    listed = item(size, owner_pk={"S": "o"}, owner_sk={"S": "1"}, card={"M": {}})
    call("PutItem", TableName=table_name(), Item=listed)
    call("GetItem", TableName=table_name(), Key={"pk": {"S": "p"}, "sk": {"S": "s"}}, ConsistentRead=True)
    put, got = listened.take()
    assert put.reported == tape.write_units([put], [Change(("p", "s"), None, listed)])
    assert write_units(None, listed) == put.reported
    assert got.reported == read_units([item_size(listed)], consistent=True, together=False)


@pytest.mark.emulator
def test_a_batch_read_is_counted_though_the_emulator_reports_none(listened: Tape) -> None:
    call("PutItem", TableName=table_name(), Item=item(5000))
    listened.take()
    keys = [{"pk": {"S": "p"}, "sk": {"S": "s"}}, {"pk": {"S": "p"}, "sk": {"S": "none"}}]
    call("BatchGetItem", RequestItems={table_name(): {"Keys": keys, "ConsistentRead": True}})
    assert tape.read_units(listened.take()) == 2 + 1


@pytest.mark.emulator
def test_a_transaction_costs_twice_its_index_too(listened: Tape) -> None:
    listed = item(10, owner_pk={"S": "o"}, owner_sk={"S": "1"}, card={"M": {}})
    actions = [{"Put": {"TableName": table_name(), "Item": listed}}]
    call("TransactWriteItems", TransactItems=actions)
    calls = listened.take()
    assert tape.write_units(calls, [Change(("p", "s"), None, listed)]) == 4
    assert calls[0].reported <= 4


def test_a_refused_write_is_charged_its_smallest() -> None:
    refused = tape.Call("TransactWriteItems", {"TransactItems": [{"Delete": {"Key": item()}}]}, {"Error": {}})
    assert tape.write_units([refused], []) == 2


def test_only_a_partition_that_stands_for_no_single_thing_is_shared() -> None:
    order = "01KJPM2X00QZ5T8Y3W6V9B4C7D"
    one = item(owner_pk={"S": f"default#CUSTOMER#usr_{order}#ORDERS"}, owner_sk={"S": "1"})
    one |= {"pk": {"S": f"default#ORDER#ord_{order}"}, "state_pk": {"S": "default#ORDERS#paid"}}
    one |= {"state_sk": {"S": order}, "due_pk": {"S": "DUE#outbox#3"}, "due_sk": {"S": "2036"}}
    shared = dict(Change((one["pk"]["S"], "s"), None, one).shared())
    assert shared == {"by_state: default#ORDERS#paid": 2, "due: DUE#outbox#*": 2}
