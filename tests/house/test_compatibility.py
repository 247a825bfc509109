"""What docs/compatibility.md demands of a client is all that the API demands of one."""

import json
import re
from typing import Any

import pytest

from app import app
from chalicelib.core.money import MOST
from chalicelib.http import cors
from chalicelib.http.operations import _USUAL_BODY_BYTES, Operation
from infra.tools.generated import DOCS, ROOT
from tests.shop import Shop, send

PAGE = (DOCS / "compatibility.md").read_text(encoding="utf-8")
EXACT_IN_SCRIPTS = 2**53 - 1
FORBIDDEN_TO_SCRIPTS = {"host", "cookie", "origin", "referer", "content-length", "user-agent", "connection"}
WX_REQUEST = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
NOT_FROM_A_MINI_PROGRAM = {"PATCH /v1/me"}
"""What customers do by a method that `wx.request` does not have. Told on the page."""


def name_of(op: Operation) -> str:
    return f"{op.method} {op.path}"


def row(title: str) -> str:
    (found,) = re.findall(rf"^\| {title} \|.*$", PAGE, re.MULTILINE)
    return str(found)


@pytest.mark.ledger("S2-056")
def test_only_usual_methods_are_asked_and_a_mini_program_lacks_what_the_page_says() -> None:
    for_customers = {name_of(op) for op in app.operations if op.permission.kind != "staff"}
    assert {op.method for op in app.operations} <= set(re.findall(r"[A-Z]{3,}", row("methods")))
    assert {one for one in for_customers if one.split()[0] not in WX_REQUEST} == NOT_FROM_A_MINI_PROGRAM
    assert all(f"`{one}`" in PAGE for one in NOT_FROM_A_MINI_PROGRAM)


@pytest.mark.ledger("S2-056")
def test_no_body_is_asked_with_a_get_or_a_delete() -> None:
    assert _USUAL_BODY_BYTES == 256 * 1024
    assert [name_of(op) for op in app.operations if op.method == "GET" and op.body is not None] == []


@pytest.mark.ledger("S2-056")
def test_the_headers_are_those_that_a_script_may_send_and_read() -> None:
    assert set(cors.ASKED_HEADERS) == set(re.findall(r"`([A-Z][\w-]+)`", row("headers it sends")))
    assert not {one.lower() for one in cors.ASKED_HEADERS} & FORBIDDEN_TO_SCRIPTS
    assert set(re.findall(r"`([A-Z][\w-]+)`", row("headers it reads"))) <= set(cors.TOLD_HEADERS)
    document = app.describe()
    asked = {
        one["name"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for raw in operation.get("parameters", [])
        for one in [document["components"]["parameters"].get(raw.get("$ref", "").rpartition("/")[2], raw)]
        if one.get("in") == "header"
    }
    assert {one for one in asked if one not in cors.ASKED_HEADERS} == set()


@pytest.mark.ledger("S2-056")
def test_nothing_sets_a_cookie_or_sends_a_client_elsewhere(shop: Shop) -> None:
    customer = shop.customer()
    sku = shop.sku(stock=3)
    shop.order(customer, sku)
    for path in ("/docs", "/openapi.json", "/v1/config", "/v1/products", "/v1/me", "/v1/orders", "/v1/cart"):
        answer = send("GET", path, token=customer.token if path.startswith("/v1/") else "")
        assert answer.status == 200, path
        assert not {"set-cookie", "location"} & set(answer.headers)
        assert answer.headers["content-type"].split(";")[0] in ("application/json", "text/html")
    statuses = {
        int(one)
        for methods in app.describe()["paths"].values()
        for op in methods.values()
        for one in op["responses"]
    }
    assert not [one for one in statuses if 300 <= one < 400 and one != 304]


@pytest.mark.ledger("S2-056")
def test_numbers_are_exact_in_a_script_and_paths_need_no_escaping() -> None:
    assert MOST <= EXACT_IN_SCRIPTS
    assert all(op.path.isascii() and re.fullmatch(r"[\w/{}.-]+", op.path) for op in app.operations)
    amounts = [
        schema["properties"]["amount"] for schema in _schemas() if "amount" in schema.get("properties", {})
    ]
    assert amounts
    assert all('"number"' not in json.dumps(one) for one in amounts)


def _schemas() -> list[dict[str, Any]]:
    return list(app.describe()["components"]["schemas"].values())


@pytest.mark.ledger("S2-056")
def test_the_python_that_is_named_is_the_one_that_is_asked_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (least,) = re.findall(r'requires-python = ">=([\d.]+)"', project)
    assert f"| Python | {least} and newer |" in PAGE
    assert f"sys.version_info < ({least.replace('.', ', ')})" in (ROOT / "Makefile").read_text(
        encoding="utf-8"
    )
