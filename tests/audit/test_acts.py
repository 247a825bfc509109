"""What the staff does is written down by the transaction that does it."""

from typing import Any

import pytest

from chalicelib.core.masking import masked
from chalicelib.store import client
from chalicelib.store.client import table_name
from tests.jobs import of_kind, stream, tick
from tests.shop import Person, Shop, send
from tests.unchanged import store_calls


def log(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    answer = shop.admin.get(f"/v1/admin/audit-log{query}")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["data"]
    return found


def detail(shop: Shop, entry_id: str) -> dict[str, Any]:
    answer = shop.admin.get(f"/v1/admin/audit-log/{entry_id}")
    assert answer.status == 200, answer.text
    entry: dict[str, Any] = answer.json
    return entry


@pytest.mark.ledger("S4-045", "S4-184")
def test_a_staff_act_tells_who_did_what_from_where_and_why(shop: Shop) -> None:
    sku = shop.sku(stock=3)
    answer = shop.admin.post(
        f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 2, "reason": "counted"}, ip="198.51.100.9"
    )
    row = log(shop, "?act=inventory_adjust_stock")[0]
    assert (row["actor_id"], row["act"]) == (shop.admin.id, "inventory_adjust_stock")
    assert (row["targets"], row["reason"]) == ({"sku_id": sku}, "counted")
    assert (row["request_id"], row["ip"]) == (answer.headers["x-request-id"], "198.51.100.9")
    changes = {change["item"]: change for change in detail(shop, row["id"])["changes"]}
    assert changes["stock"]["after"]["available"] == "+2"
    assert changes["stock_move"]["after"]["delta"] == 2


def test_an_edit_tells_what_was_there_before(shop: Shop) -> None:
    product = shop.product(title="A cup")
    shop.admin.post(f"/v1/admin/products/{product['id']}/unpublish")
    change = next(
        one
        for one in detail(shop, log(shop, "?act=catalog_unpublish")[0]["id"])["changes"]
        if one["item"] == "product"
    )
    assert change["before"]["status"] == "published"
    assert change["after"]["status"] == "draft"
    assert "title" not in change["before"] | change["after"]


def test_the_entry_is_part_of_the_acts_own_transaction(shop: Shop) -> None:
    product = shop.product()
    shop.admin.get("/v1/me")
    with store_calls() as calls:
        shop.admin.post(f"/v1/admin/products/{product['id']}/unpublish")
    assert calls.count("TransactWriteItems") == 1
    assert "PutItem" not in calls


def test_an_act_that_is_refused_leaves_no_entry(shop: Shop) -> None:
    sku = shop.sku(stock=1)
    before = log(shop)
    answer = shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": -5, "reason": "lost"})
    assert answer.status == 409
    assert log(shop) == before


def test_an_act_that_is_repeated_leaves_one_entry(shop: Shop) -> None:
    sku = shop.sku(stock=1)
    for _ in range(3):
        shop.admin.post(
            f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 1, "reason": "found"}, key="once"
        )
    assert len([row for row in log(shop) if row["act"] == "inventory_adjust_stock"]) == 1


def test_what_customers_do_is_no_staff_act(shop: Shop) -> None:
    sku, person = shop.sku(stock=2), shop.customer()
    before = log(shop)
    shop.order(person, sku)
    assert log(shop) == before


def test_secrets_never_reach_the_log(shop: Shop) -> None:
    shop.product(kind="card_key", stock=30)
    row = next(row for row in log(shop) if row["act"] == "fulfilment_import_card_keys")
    entry = detail(shop, row["id"])
    assert len(entry["changes"]) == 20
    assert sum(entry["more"].values()) > 0
    assert "KEY-" not in str(of_kind("audit_entry"))
    sealed = [one["after"]["sealed"] for one in entry["changes"] if "sealed" in one["after"]]
    assert all(text.startswith("(hidden) ") for text in sealed)


def test_the_log_is_filtered_by_actor_act_target_and_time(shop: Shop) -> None:
    first, second = shop.product(), shop.product()
    shop.clock.advance(hours=1)
    shop.admin.post(f"/v1/admin/products/{first['id']}/unpublish")
    assert [row["act"] for row in log(shop, "?act=catalog_unpublish")] == ["catalog_unpublish_product"]
    assert {row["act"] for row in log(shop, f"?target={first['id']}")} == {
        "catalog_publish_product",
        "catalog_unpublish_product",
    }
    assert len(log(shop, "?since=2036-03-02T01:30:00Z")) == 1
    assert len(log(shop, "?until=2036-03-02T01:30:00Z")) == 4
    assert len(log(shop, f"?actor_id={shop.admin.id}")) == 5
    assert log(shop, f"?actor_id={shop.customer().id}") == []
    assert second["id"] not in str(log(shop, f"?target={first['id']}"))


def test_the_log_is_read_page_by_page(shop: Shop) -> None:
    for _ in range(3):
        shop.product()
    seen, cursor = [], ""
    while True:
        answer = shop.admin.get(f"/v1/admin/audit-log?limit=4{cursor}")
        seen += [row["id"] for row in answer.json["data"]]
        if answer.json["next_cursor"] is None:
            break
        cursor = f"&cursor={answer.json['next_cursor']}"
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 6


def test_an_export_is_safe_in_a_spreadsheet_and_is_an_act_itself(shop: Shop) -> None:
    sku = shop.sku(stock=1)
    reason = '=HYPERLINK("http://evil.example")'
    shop.admin.post(f"/v1/admin/skus/{sku}/stock-adjustments", {"delta": 1, "reason": reason})
    shop.product()
    answer = shop.admin.get("/v1/admin/audit-log/export?limit=1&act=inventory")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert "\"'=HYPERLINK" in answer.text
    assert "x-next-cursor" not in answer.headers
    assert "x-next-cursor" in shop.admin.get("/v1/admin/audit-log/export?limit=1").headers
    assert len(log(shop, "?act=audit_export_audit_log")) == 2


def test_an_export_asks_for_the_password_again(shop: Shop) -> None:
    admin = shop.admin
    shop.clock.advance(minutes=6)
    refused = admin.get("/v1/admin/audit-log/export")
    assert (refused.status, refused.code) == (403, "confirmation_required")
    confirmed = send("POST", "/v1/auth/password/confirm", {"password": "souk-local-admin"}, token=admin.token)
    assert confirmed.status == 200
    assert admin.get("/v1/admin/audit-log/export").status == 200


def test_another_shops_entry_is_not_there(shop: Shop, customer_of_another_shop: Person) -> None:
    shop.product()
    entry_id = log(shop)[0]["id"]
    assert customer_of_another_shop.get(f"/v1/admin/audit-log/{entry_id}").status == 403
    assert shop.admin.get("/v1/admin/audit-log/aud_01WRM6VWM02ZNPMMHZ5F0JNPQW").status == 404


@pytest.fixture
def customer_of_another_shop(shop: Shop) -> Person:
    return shop.customer()


def test_the_chain_takes_up_every_entry_once_however_often_the_stream_tells(shop: Shop) -> None:
    for _ in range(2):
        shop.product()
    stream(times=3)
    stream()
    tick()
    entries = of_kind("audit_entry")
    assert sorted(int(entry["seq"]["N"]) for entry in entries) == [1, 2, 3, 4]
    assert len(of_kind("chain_link")) == 4
    head = shop.admin.get("/v1/admin/audit-log/chain").json
    assert head["seq"] == 4
    assert all("due_pk" not in entry for entry in entries)


def test_the_job_links_what_the_stream_left(shop: Shop) -> None:
    shop.product()
    assert shop.admin.get("/v1/admin/audit-log/chain").json["seq"] == 0
    shop.clock.advance(minutes=1)
    tick()
    assert shop.admin.get("/v1/admin/audit-log/chain").json["seq"] == 2


def test_no_login_and_no_address_reaches_the_log(shop: Shop) -> None:
    """Entries are never changed, so what is in one could never be erased."""
    made = shop.admin.post(
        "/v1/admin/users", {"login": "13812345678", "name": "Lin", "password": "a lake at dusk"}
    )
    assert made.status == 201, made.text
    imported = {"rows": [{"email": "wei@example.com", "username": "wei_the_tall", "phone": "13987654321"}]}
    assert shop.admin.post("/v1/admin/users/import", imported).json["data"][0]["outcome"] == "created"
    lin, twin = shop.customer(), shop.customer()
    shop.address(twin)
    merged = shop.admin.post(
        f"/v1/admin/users/{lin.id}/merge", {"from_user_id": twin.id, "reason": "called us"}
    )
    assert merged.status == 200, merged.text
    entries = of_kind("audit_entry")
    acts = {entry["act"]["S"] for entry in entries}
    assert acts >= {"members_create_member", "members_import_members", "members_merge_member"}
    for personal in (
        "13812345678",
        "13987654321",
        "wei@example.com",
        "wei_the_tall",
        str(twin.user["email"]),
        "13800000000",
        "1 Lake Road",
    ):
        assert personal not in str(entries)
    (entry,) = [row for row in log(shop) if row["act"] == "members_create_member"]
    changes = detail(shop, entry["id"])["changes"]
    assert "LOGIN#phone#138****5678 LOGIN" in {change["key"] for change in changes}


@pytest.mark.rule("B19")
def test_an_entry_that_cannot_be_linked_keeps_nothing_else_waiting(shop: Shop) -> None:
    shop.product()
    torn = {**of_kind("audit_entry")[0], "at": {"N": "7"}}
    client.client().put_item(TableName=table_name(), Item=torn)
    assert stream() == {"batchItemFailures": []}
    assert len(of_kind("chain_link")) == 1
    client.client().put_item(TableName=table_name(), Item={**torn, "at": {"S": "2036-03-02T01:00:00.000Z"}})
    shop.clock.advance(minutes=1)
    tick()
    assert len(of_kind("chain_link")) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86****5678"),
        ("123456", "12****"),
        ("lin@example.com", "l***@example.com"),
        ("林一", "林***"),
        ("", ""),
    ],
)
def test_personal_details_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
