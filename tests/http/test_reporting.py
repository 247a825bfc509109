"""What a request tells about itself: a line in the log, a metric, and to staff its cost."""

import json
from collections.abc import Iterator

import pytest

from chalicelib.core import log
from tests.lines import Lines, logged
from tests.shop import Shop, configured, send


@pytest.fixture
def lines() -> Iterator[Lines]:
    with logged() as written:
        yield written


@pytest.mark.ledger("S0-015")
def test_each_request_is_one_json_line_and_one_metric_under_its_id(shop: Shop, lines: Lines) -> None:
    lin = shop.customer()
    answer = lin.get("/v1/me")
    mine = [line for line in lines.read() if line.get("request_id") == answer.headers["x-request-id"]]
    (request,) = [line for line in mine if line.get("event") == "request"]
    (metric,) = [line for line in mine if "_aws" in line and "requests" in line]
    assert (request["method"], request["path"], request["status"], request["actor"]) == (
        "GET",
        "/v1/me",
        200,
        lin.id,
    )
    by = metric["_aws"]["CloudWatchMetrics"][0]["Dimensions"]
    assert by == [["operation", "status"], ["status"], []]
    assert (metric["operation"], metric["status"], metric["requests"]) == ("identity_me", "2xx", 1)


@pytest.mark.ledger("S0-015")
def test_a_fault_of_ours_is_a_plain_500_to_the_client_and_a_traceback_in_the_log(
    shop: Shop, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr("chalicelib.inventory.service.get", broken)
    answer = send("GET", "/v1/skus/sku_01KJ0000000000000000000001/stock")
    assert (answer.status, answer.code) == (500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    (logged,) = [line for line in lines.read() if line.get("event") == "unexpected"]
    assert "ZeroDivisionError" in logged["error"]
    assert logged["request_id"] == answer.json["request_id"] == answer.headers["x-request-id"]


def test_the_log_holds_no_secret(shop: Shop, lines: Lines) -> None:
    lin = shop.customer()
    send("POST", "/v1/auth/login", {"login": lin.user["email"], "password": "not the right one"})
    log.info("words", password="p4ssword", access_token="t0ken", inner={"card_key": "KEY-1"})
    text = json.dumps(lines.read())
    for secret in ("correct horse", "not the right one", "p4ssword", "t0ken", "KEY-1", lin.refresh_token):
        assert secret not in text


@pytest.mark.emulator
@pytest.mark.ledger("S0-012")
def test_staff_are_told_how_much_a_request_read_and_pages_read_little(live_shop: Shop) -> None:
    """A read unit is 4 KB: what a page makes the store read is known and bounded."""
    for _ in range(5):
        live_shop.product()
    debug = {"x-debug-cost": "1"}
    page = live_shop.admin.get("/v1/products", headers=debug)
    cost = dict(part.split("=") for part in page.headers["x-cost"].split("; "))
    assert (cost["calls"], float(cost["wru"])) == ("1", 0)
    assert 0 < float(cost["rru"]) <= 1
    assert "x-cost" not in live_shop.customer().get("/v1/me", headers=debug).headers


def test_on_a_developers_machine_everyone_sees_the_cost(shop: Shop) -> None:
    lin = shop.customer()
    with configured(SOUK_STAGE="local"):
        assert lin.get("/v1/me", headers={"x-debug-cost": "1"}).headers["x-cost"].startswith("calls=")
