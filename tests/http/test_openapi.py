"""The API document: whole, valid, and what the app really does."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.core.context import Context
from chalicelib.core.errors import Unauthenticated
from chalicelib.http import PUBLIC, Routes, openapi
from chalicelib.http.front import every_operation
from chalicelib.http.openapi.examples import Examples, NoExample
from chalicelib.http.operations import Operation
from chalicelib.http.ports import Refusals
from infra.tools import errors
from tests.http.described import OPERATIONS, codes, described, document, every_code
from tests.shop import send


def name_of(op: Operation) -> str:
    return op.id


@pytest.mark.ledger("S2-006")
def test_the_document_is_served_and_valid() -> None:
    answer = send("GET", "/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    OpenAPIV31SpecValidator(answer.json).validate()
    assert answer.json["servers"] == [{"url": "/api"}]
    assert {f"{op.method.lower()} {op.path}" for op in OPERATIONS} == {
        f"{method} {path}" for path, methods in answer.json["paths"].items() for method in methods
    }


@pytest.mark.ledger("S2-006")
def test_every_operation_stands_under_v1_and_the_tag_of_its_domain() -> None:
    told = {tag["name"]: tag["description"] for tag in document()["tags"]}
    for op in OPERATIONS:
        assert op.path.startswith("/v1/") or op.tag == "docs"
        assert described(op)["tags"] == [op.tag]
        assert told[op.tag]


def test_a_client_that_has_the_document_is_not_sent_it_again() -> None:
    first = send("GET", "/openapi.json")
    again = send("GET", "/openapi.json", headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")


def test_two_documents_of_one_app_are_the_same_bytes() -> None:
    texts = {
        json.dumps(openapi.document(OPERATIONS, Refusals(), version="1"), sort_keys=False) for _ in range(2)
    }
    assert len(texts) == 1


def test_no_two_models_share_a_name() -> None:
    assert not [name for name in document()["components"]["schemas"] if "__" in name]


def test_the_document_holds_nothing_that_nobody_refers_to() -> None:
    text = json.dumps(document())
    for kind in ("schemas", "parameters", "examples", "headers"):
        for name in document()["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text or name in ("internal",), f"{kind} {name}"


@pytest.mark.parametrize("op", OPERATIONS, ids=name_of)
@pytest.mark.ledger("S4-013")
def test_every_example_is_what_it_is_an_example_of(op: Operation) -> None:
    if op.body is not None:
        content = described(op)["requestBody"]["content"]["application/json"]
        op.body.model_validate_json(json.dumps(content["example"]))
        _check(content["schema"], content["example"])
    if op.answer is not None:
        content = described(op)["responses"][str(op.status)]["content"]["application/json"]
        _check(content["schema"], content["example"])


def _check(schema: dict[str, Any], example: Any) -> None:
    Draft202012Validator({**schema, "components": document()["components"]}).validate(example)


@pytest.mark.ledger("S4-013")
def test_every_problem_has_an_example_and_a_row_in_the_table_of_errors() -> None:
    table = errors.text()
    for code in every_code():
        example = document()["components"]["examples"][code]["value"]
        _check({"$ref": "#/components/schemas/Problem"}, example)
        assert f"| `{code}` |" in table


def test_who_may_ask_decides_the_refusals_of_the_door() -> None:
    for op in OPERATIONS:
        found = codes(op)
        refuses_itself = any(issubclass(error, Unauthenticated) for error in op.errors)
        assert (401 in found) == (op.permission.kind != "tokenless" or refuses_itself)
        if op.permission.kind == "staff":
            assert "forbidden" in found[403]
        if op.path_params:
            assert 404 in found
        assert 503 in found or not op.tenant
        assert 422 in found


def test_security_follows_the_permission() -> None:
    asked = {op.permission.kind: described(op).get("security") for op in OPERATIONS}
    assert asked["staff"] == asked["customer"] == [{"bearer": []}]
    assert asked["public"] == asked["either"] == [{}, {"bearer": []}]
    assert asked["tokenless"] is None


def test_an_operation_that_says_nothing_fails_the_document() -> None:
    room = Routes("silent")

    @room.get("/v1/silent", permission=PUBLIC)
    def silent(ctx: Context) -> None:
        pass

    with pytest.raises(openapi.Undocumented, match=r"GET /v1/silent"):
        openapi.document(every_operation([room]), Refusals(), version="1")


def test_a_schema_without_an_example_is_told_by_name() -> None:
    with pytest.raises(NoExample, match="plate"):
        Examples({}).of({"type": "string", "pattern": r"^\d{9}-[XYZ]$"}, "plate")


def test_what_the_source_says_of_a_field_stands_in_the_document() -> None:
    shop = document()["components"]["schemas"]["ShopConfig"]["properties"]
    assert shop["pay_minutes"]["description"] == "How long an unpaid order holds its stock."
    (lowest,) = [
        one
        for one in document()["paths"]["/v1/products"]["get"]["parameters"]
        if one.get("name") == "min_price"
    ]
    assert "minor units" in lowest["description"]
    assert "description" not in lowest["schema"]


def test_ids_have_patterns_that_clients_can_check() -> None:
    for op in OPERATIONS:
        for one in described(op).get("parameters", []):
            if one.get("in") == "path":
                assert re.compile(one["schema"]["pattern"]), f"{op.id}: {one['name']} has no pattern"
