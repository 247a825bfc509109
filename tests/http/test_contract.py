"""/v1 stays as it was promised: docs/api-contract.txt, and what breaks it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.tools import contract

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    loaded: Document = json.loads(contract.DOCUMENT.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.ledger("S2-008")
def test_nothing_that_v1_promised_is_broken(document: Document) -> None:
    promised = contract.read_promises()

    assert len(promised) > 1000
    assert contract.breaks(promised, contract.facts(document)) == []


def order(document: Document) -> Document:
    schema: Document = document["components"]["schemas"]["OrderView"]
    return schema


def wish(document: Document) -> Document:
    schema: Document = document["components"]["schemas"]["PlaceOrder"]
    return schema


BREAKS: dict[str, tuple[Callable[[Document], Any], str]] = {
    "an operation is removed": (lambda d: d["paths"].pop("/v1/orders"), "gone: POST /v1/orders"),
    "a field of an answer is removed": (lambda d: order(d)["properties"].pop("number"), "gone: "),
    "a field of an answer may be missing": (
        lambda d: order(d)["required"].remove("number"),
        "no longer always there: ",
    ),
    "a field of an answer has another type": (
        lambda d: order(d)["properties"].update(number={"type": "integer"}),
        "answers something else: ",
    ),
    "a field of a request is removed": (lambda d: wish(d)["properties"].pop("items"), "gone: "),
    "a field of a request becomes required": (
        lambda d: wish(d).update(required=["address_id"]),
        "now required: POST /v1/orders > address_id",
    ),
    "a new field of a request is required": (
        lambda d: (
            wish(d)["properties"].update(colour={"type": "string"}),
            wish(d).update(required=["colour"]),
        ),
        "newly required: POST /v1/orders > colour",
    ),
    "a parameter is removed": (lambda d: d["paths"]["/v1/products"]["get"].update(parameters=[]), "gone: "),
}


@pytest.mark.ledger("S2-008")
@pytest.mark.parametrize("what", BREAKS)
def test_a_breaking_change_is_found(document: Document, what: str) -> None:
    changed = copy.deepcopy(document)
    act, found = BREAKS[what]
    act(changed)

    assert any(
        line.startswith(found) for line in contract.breaks(contract.read_promises(), contract.facts(changed))
    )


def test_what_only_adds_breaks_nothing(document: Document) -> None:
    changed = copy.deepcopy(document)
    order(changed)["properties"]["colour"] = {"type": "string"}
    wish(changed)["properties"]["colour"] = {"type": "string"}
    changed["paths"]["/v1/moons"] = {"get": {"responses": {}}}

    assert contract.breaks(contract.read_promises(), contract.facts(changed)) == []


def test_a_fact_is_read_as_it_was_written(document: Document) -> None:
    for fact in contract.facts(document).values():
        assert contract.Fact.read(str(fact)) == fact
