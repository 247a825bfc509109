"""Made-up requests, good and bad, at every operation: no fault of ours, and no answer the document does not know.

Whatever is well-formed names things that exist, so that the requests reach the rules behind the door.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import app
from chalicelib.core import clock as clocks
from chalicelib.core.settings import settings
from chalicelib.media import storage
from chalicelib.store import client
from infra.local.emulator import Emulator
from infra.local.template import create_table
from infra.local.wsgi import WsgiFace
from tests.conftest import MORNING, at_the_emulator
from tests.identity.people import wechat_here
from tests.media.sending import announce
from tests.shop import Person, Shop

EXAMPLES = 12
"""Of each operation, at random; besides them, one request for each limit that the document names."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _api() -> Any:
    config = SchemathesisConfig()
    config.projects.default.generation.update(max_examples=EXAMPLES, deterministic=True, no_shrink=True)
    schema = schemathesis.openapi.from_dict(app.describe(), config=config)
    schema.app = WsgiFace(app)
    return schema


API = _api()
pytestmark = pytest.mark.emulator
PERMISSIONS = {op.id: op.permission.kind for op in app.operations}


class Town:
    """A shop with people and things to talk about, the same for all operations of this file."""

    def __init__(self, shop: Shop) -> None:
        self.admin, self.customer = shop.admin, shop.customer()
        product = shop.product(stock=10_000, skus=2)
        card = shop.product(kind="card_key", stock=5)
        order = shop.order(self.customer, product["skus"][0]["id"])
        payment = self.customer.post(f"/v1/orders/{order['id']}/payments", {"provider": "sandbox"}).json
        self.known = {
            "product_id": product["id"],
            "sku_id": product["skus"][0]["id"],
            "card_sku_id": card["skus"][0]["id"],
            "order_id": order["id"],
            "payment_id": payment["id"],
            "address_id": shop.address(self.customer),
            "user_id": self.customer.id,
            "provider": "sandbox",
            "upload_id": announce(self.customer).json["id"],
        }
        self.spare = {
            "upload_id": announce(self.customer).json["id"],
            "product_id": shop.product(title="For editing")["id"],
            "address_id": shop.address(self.customer),
            "order_id": shop.order(self.customer, product["skus"][1]["id"])["id"],
        }

    def who(self, operation_id: str) -> Person:
        return self.admin if PERMISSIONS[operation_id] == "staff" else self.customer

    def ids_for(self, method: str, path: str) -> dict[str, str]:
        """What may be changed or taken away is not what the other operations go on to speak of."""
        changes = (
            method == "DELETE" or path.endswith("/cancel") or (method != "GET" and "/admin/products/" in path)
        )
        return {**self.known, **self.spare} if changes else self.known


def named(thing: Any, ids: dict[str, str]) -> Any:
    """The same thing with every id, wherever it stands, of something that exists."""
    if isinstance(thing, dict):
        return {name: ids.get(name) or named(value, ids) for name, value in thing.items()}
    if isinstance(thing, list):
        return [named(value, ids) for value in thing]
    return thing


@pytest.fixture(scope="module")
def town(emulator: Emulator) -> Iterator[Town]:
    with (
        pytest.MonkeyPatch.context() as patch,
        clocks.use(clocks.SetClock(MORNING)) as clock,
        wechat_here(),
    ):
        for name, value in at_the_emulator(emulator).items():
            patch.setenv(name, value)
        patch.setenv("SOUK_TABLE", "souk-town")
        settings.cache_clear()
        client.forget()
        storage.forget()
        create_table(client.client(), "souk-town")
        assert isinstance(clock, clocks.SetClock)
        yield Town(Shop.open(clock))
    settings.cache_clear()
    client.forget()
    storage.forget()


@API.parametrize()
def test_any_request_is_answered_as_documented(case: schemathesis.Case[Any], town: Town) -> None:
    who = town.who(case.operation.definition.raw["operationId"])
    if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
        ids = town.ids_for(case.method, case.path)
        case.path_parameters, case.body = named(case.path_parameters, ids), named(case.body, ids)
    case.call_and_validate(headers={"Authorization": f"Bearer {who.token}"}, checks=CHECKS)
