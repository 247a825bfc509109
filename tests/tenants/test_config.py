"""What a client asks for before it draws its first page."""

import pytest

from chalicelib.core.settings import settings
from chalicelib.store import meter
from chalicelib.tenants.parameters import SWITCHES
from tests.shop import Shop, send


@pytest.mark.ledger("S4-084")
def test_health_and_config_answer_a_visitor(shop: Shop) -> None:
    assert send("GET", "/v1/health").json == {"status": "ok"}
    answer = send("GET", "/v1/config")
    assert answer.status == 200
    assert answer.json == {
        "tenant": "default",
        "name": answer.json["name"],
        "currency": "CNY",
        "locale": "zh-CN",
        "time_zone": "Asia/Shanghai",
        "branding": {"logo_url": None, "icon_url": None, "color": None, "slogan": None},
        "sandbox": True,
        "pay_minutes": settings().pay_minutes,
        "confirm_days": settings().confirm_days,
        "shipping": {"fee": {"amount": 0, "currency": "CNY"}, "free_from": None},
        "limits": {
            "open_orders": settings().most_open_orders,
            "reserved_units": settings().most_reserved_units,
        },
        "switches": dict.fromkeys(SWITCHES, True),
    }


@pytest.mark.ledger("S4-084")
def test_the_switches_are_those_of_the_shop(shop: Shop) -> None:
    """What the configuration says is what an order meets: it expires when the client was told it would."""
    somebody = shop.customer()
    order = shop.order(somebody, shop.sku())
    told = somebody.get("/v1/config").json["pay_minutes"]
    shop.clock.advance(minutes=told - 1)
    assert somebody.get(f"/v1/orders/{order['id']}").json["status"] == "pending_payment"
    shop.clock.advance(minutes=1)
    assert somebody.get(f"/v1/orders/{order['id']}").json["status"] == "closing"


def test_a_warm_process_answers_without_a_store_call(shop: Shop) -> None:
    send("GET", "/v1/config")
    counted: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meter.Meter, "count", lambda self, operation, answer: counted.append(operation))
        assert send("GET", "/v1/config").status == 200
    assert counted == []
