"""What gets past one layer meets the next: edge, transport, who asks, what they send, what they reach, the record."""

import json
import re
from typing import Any

import pytest

from infra.tools.generated import DOCS, ROOT
from tests.jobs import every_item, of_kind
from tests.shop import Shop, send

PAGE = DOCS / "security.md"
LAYERS = ("Edge", "Transport", "Authentication", "Input", "Data", "Audit")


def limited(ip: str, most: int = 60) -> set[int]:
    """The statuses of sign-ins with made-up passwords, one after another, from one address."""
    wrong = {"login": "admin@souk.test", "password": "not-this-one"}
    return {send("POST", "/v1/auth/login", wrong, ip=ip).status for _ in range(most)}


@pytest.mark.ledger("S4-008")
def test_an_attacker_meets_one_layer_after_the_other(shop: Shop, final_template: dict[str, Any]) -> None:
    stage = next(
        one["Properties"]
        for one in final_template["Resources"].values()
        if one["Type"] == "AWS::ApiGateway::Stage"
    )
    throttle = stage["MethodSettings"][0]
    assert throttle["ThrottlingRateLimit"] == {"Ref": "ApiRate"}, "the edge lets a flood through"
    customer, other = shop.customer(), shop.customer()
    address = shop.address(customer)
    answer = send("GET", "/v1/me/addresses")
    assert answer.headers["strict-transport-security"].startswith("max-age="), "transport may be downgraded"
    assert answer.status == 401, "nobody asked who it is"
    assert 429 in limited("198.51.100.66"), "passwords may be tried without end"
    assert customer.get("/v1/admin/audit-log").status == 403, "a customer is let into the staff's rooms"
    sent = {"name": "x", "is_admin": True}
    assert customer.post("/v1/me/addresses", sent).status == 422, "unknown fields are taken in"
    assert other.delete(f"/v1/me/addresses/{address}").status == 404, "the data of another can be reached"
    table = final_template["Resources"]["SoukTable"]["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True}, "the table lies open at rest"
    stored = json.dumps(every_item(), default=str)
    assert "souk-local-admin" not in stored, "a password is kept as it is"
    shop.sku(stock=1)
    assert of_kind("audit_entry"), "a staff act leaves no trace"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_names_the_tests_that_hold_it(page: str, layer: str) -> None:
    (section,) = re.findall(rf"^## {layer}\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    assert re.search(r"`tests/\S+\.py::\w+`", section)


def test_every_test_and_file_named_on_the_page_is_there(page: str) -> None:
    for path, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page):
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"
    for path in re.findall(r"`((?:chalicelib|infra|tests|docs|\.chalice)/[\w./-]+)`", page):
        assert (ROOT / path).exists(), path
