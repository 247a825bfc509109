"""The second half of the walk: a parcel, a refusal, messages, and an order nobody pays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from infra.demo.buying import Shelf
from infra.demo.caller import Caller, check

_MESSAGE_SECONDS = 20
_WATCHED_SECONDS = 150
"""An order that times out within this time is watched; a longer one only announced."""
_SWEEP_SECONDS = 130
"""The job comes by every minute; twice that, and a moment to work."""


def ship(customer: Caller, clerk: Caller, order_id: str) -> None:
    screen = customer.walk.screen
    screen.step("The clerk ships the first order; the customer confirms")
    waiting = clerk.ask("GET", "/v1/admin/orders?status=paid", show=["data.0.number", "data.0.status"]).json
    check(any(row["id"] == order_id for row in waiting["data"]), "the paid order does not wait for the clerk")
    parcel = {"carrier": "SF", "tracking_number": "SF1000200030004"}
    path = f"/v1/admin/orders/{order_id}/shipments"
    clerk.ask("POST", path, parcel, expect=201, show=["status", "shipments.0.id"])
    done = customer.ask("POST", f"/v1/orders/{order_id}/confirm-receipt", {}, show=["status"]).json
    for move in done["timeline"]:
        screen.say(f"{move['at']}  {move['actor']:9} {move['event']:14} {move['status']}")


def ask_for_too_many(customer: Caller, shelf: Shelf, address_id: str) -> None:
    screen = customer.walk.screen
    screen.step("Order more than there is")
    path = f"/v1/skus/{shelf.scarce_sku_id}/stock"
    before = customer.ask("GET", path, show=["available", "reserved", "sold"]).json
    items = [{"sku_id": shelf.scarce_sku_id, "quantity": before["available"] + 1}]
    wish = {"items": items, "address_id": address_id}
    problem = customer.ask("POST", "/v1/orders", wish, expect=409, show=["code", "skus.0.available"]).json
    check(problem["code"] == "out_of_stock", f"the refusal is {problem['code']}, not out_of_stock")
    screen.say(problem["detail"])
    check(customer.ask("GET", path, show=["available", "reserved"]).json == before, "the refusal held units")


def read_messages(customer: Caller) -> None:
    """The stream consumer writes them after the answer, so they may take a moment."""
    screen = customer.walk.screen
    screen.step("What the customer was told meanwhile")
    expected = {"order.paid", "order.shipped", "order.completed"}

    def all_there(page: Any) -> bool:
        return expected <= {message["about"] for message in page["data"]}

    path = "/v1/me/notifications"
    customer.wait_for(path, all_there, "the messages", _MESSAGE_SECONDS)
    for message in customer.ask("GET", path).json["data"]:
        screen.say(f"{message['at']}  {message['title']}. {message['text']}")


def leave_unpaid(customer: Caller, shelf: Shelf, address_id: str) -> None:
    screen = customer.walk.screen
    screen.step("Leave an order unpaid")
    wish = {"items": [{"sku_id": shelf.sku_id, "quantity": 1}], "address_id": address_id}
    order = customer.ask("POST", "/v1/orders", wish, expect=201, show=["id", "status", "expires_at"]).json
    left = (_time(order["expires_at"]) - _time(order["placed_at"])).total_seconds()
    screen.say(f"In {left / 60:.0f} min the shop cancels it by itself, and its unit is for sale again.")
    if left > _WATCHED_SECONDS:
        screen.say(
            "To see that now, stop the shop, start it with SOUK_PAY_MINUTES=1 make run, and come again."
        )
        return
    screen.say("Waiting for that …")
    path = f"/v1/orders/{order['id']}"
    seconds = left + _SWEEP_SECONDS
    customer.wait_for(path, lambda now: now["status"] == "cancelled", "the order to be cancelled", seconds)
    customer.ask("GET", path, show=["status", "timeline.1.at", "timeline.1.actor", "timeline.1.reason"])
    customer.ask("GET", f"/v1/skus/{shelf.sku_id}/stock", show=["available", "reserved", "sold"])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
