"""The platform's list never drifts from the shops, and `make verify` finds it when somebody makes it."""

import pytest

from chalicelib.store import Ref, client
from chalicelib.store.client import table_name
from chalicelib.tenants.entities import host_ref, tenant_ref, tenant_row_ref
from infra.verify import books
from infra.verify.checks import shops_are_as_the_platform_lists_them
from tests.jobs import every_item
from tests.platform.shops import URL, boss_of, opened, patch, reopen, suspend
from tests.shop import Shop


def found() -> list[str]:
    return [finding.what for finding in shops_are_as_the_platform_lists_them(books.read(every_item()))]


def write(ref: Ref, name: str, value: str) -> None:
    client.client().update_item(
        TableName=table_name(),
        Key=ref.wire(),
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": {"S": value}},
    )


def remove(ref: Ref) -> None:
    client.client().delete_item(TableName=table_name(), Key=ref.wire())


def test_whatever_is_done_to_a_shop_the_list_says_the_same(shop: Shop) -> None:
    opened(shop, hosts=["a.example.com", "b.example.com"])
    patch(shop, {"name": "New", "hosts": ["b.example.com", "c.example.com"]})
    seen = boss_of("acme").get("/v1/admin/settings").json
    wish = {name: seen[name] for name in ("locale", "time_zone")}
    wish |= {"name": "Newer", "currency": "USD", "shipping": {"fee": {"amount": 1, "currency": "USD"}}}
    assert boss_of("acme").put("/v1/admin/settings", wish).status == 200
    suspend(shop)
    reopen(shop)
    suspend(shop)
    assert found() == []
    (row,) = shop.admin.get(f"{URL}?status=suspended").json["data"]
    assert (row["name"], row["currency"]) == ("Newer", "USD")


@pytest.mark.rule("B17")
def test_a_list_that_drifted_is_found(shop: Shop) -> None:
    opened(shop, hosts=["a.example.com"])
    write(tenant_row_ref("acme"), "status", "suspended")
    assert found() == ["shop acme is listed as something else, or not at all"]
    remove(tenant_row_ref("acme"))
    assert found() == ["shop acme is listed as something else, or not at all"]


@pytest.mark.rule("B17")
def test_a_row_without_a_shop_and_hosts_without_a_binding_are_found(shop: Shop) -> None:
    opened(shop, hosts=["a.example.com"])
    write(host_ref("a.example.com"), "slug", "default")
    assert found() == [
        "a.example.com leads to default, which does not name it",
        "acme names a.example.com, which does not lead to it",
    ]
    remove(host_ref("a.example.com"))
    remove(tenant_ref("acme"))
    assert found() == ["shop acme is listed as active, but not there"]
