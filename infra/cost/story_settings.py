"""What staff ask of the shop's settings, and the platform's owner of the installation, each route once."""

from __future__ import annotations

from typing import Any

from infra.cost.walker import Walker

_TITLE = {"en": "Colours", "zh": "颜色"}
_SETTINGS = "/v1/admin/settings"


def choose(walk: Walker) -> None:
    """Dictionaries, parameters, payment channels and the texts of messages."""
    _dictionaries(walk)
    _parameters(walk)
    _channels(walk)
    _templates(walk)


def look_after(walk: Walker) -> None:
    """The installation itself."""
    admin = walk.shop.admin
    walk.do("GET", "/v1/admin/system", token=admin)
    walk.do("GET", "/v1/metrics", token=admin)
    walk.do("GET", "/v1/admin/jobs", token=admin)
    walk.do("POST", "/v1/admin/jobs/auto_confirm/run", token=admin)
    migrations = "/v1/platform/migrations"
    walk.do("GET", migrations, token=admin)
    walk.do("POST", f"{migrations}/0001/start", {}, admin)
    walk.do("POST", f"{migrations}/0001/stop", {}, admin)
    walk.do("POST", f"{migrations}/0001/undo", {}, admin)


def _tagged(walk: Walker, url: str) -> dict[str, str]:
    """The version that a change is based on, where there is one."""
    tag = walk.shop.ask("GET", url, token=walk.shop.admin)["headers"].get("ETag")
    walk.settle()
    return {"if-match": tag} if tag else {}


def _change(walk: Walker, method: str, url: str, body: Any = None, based_on: str = "") -> Any:
    return walk.do(method, url, body, walk.shop.admin, more=_tagged(walk, based_on or url))


def _dictionaries(walk: Walker) -> None:
    admin, url = walk.shop.admin, f"{_SETTINGS}/dictionaries"
    walk.do("POST", url, {"dictionary": "colours", "title": _TITLE}, admin)
    walk.do("GET", url, token=admin)
    walk.do("GET", f"{url}/colours", token=admin)
    _change(walk, "PUT", f"{url}/colours", {"title": _TITLE})
    _change(walk, "PUT", f"{url}/colours/entries/red", {"label": _TITLE}, f"{url}/colours")
    walk.do("GET", "/v1/dictionaries/colours")
    _change(walk, "DELETE", f"{url}/colours/entries/red", None, f"{url}/colours")
    _change(walk, "DELETE", f"{url}/colours")


def _parameters(walk: Walker) -> None:
    admin, url = walk.shop.admin, f"{_SETTINGS}/parameters"
    name = "orders.confirm_days"
    walk.do("GET", url, token=admin)
    walk.do("GET", f"{url}/{name}", token=admin)
    _change(walk, "PUT", f"{url}/{name}", {"value": 8})
    walk.do("GET", f"{url}/{name}/history", token=admin)
    _change(walk, "DELETE", f"{url}/{name}")
    shops = "/v1/platform/tenants/acme/parameters"
    walk.do("GET", shops, token=admin)
    _change(walk, "PUT", f"{shops}/{name}", {"value": 8}, shops)
    _change(walk, "DELETE", f"{shops}/{name}", None, shops)


def _channels(walk: Walker) -> None:
    admin, url = walk.shop.admin, f"{_SETTINGS}/payment-channels"
    walk.do("GET", url, token=admin)
    walk.do("GET", f"{url}/sandbox", token=admin)
    _change(walk, "PUT", f"{url}/sandbox", {"enabled": True})
    walk.do("GET", "/v1/payment-methods")
    _change(walk, "DELETE", f"{url}/sandbox")


def _templates(walk: Walker) -> None:
    admin, every = walk.shop.admin, f"{_SETTINGS}/templates"
    url = f"{every}/order.paid/sms/en"
    text = {"content": {"body": "{number} is paid"}}
    walk.do("GET", every, token=admin)
    walk.do("GET", url, token=admin)
    _change(walk, "PUT", url, text)
    walk.do("GET", f"{url}/versions", token=admin)
    walk.do("POST", f"{url}/preview", text, admin)
    walk.do("POST", f"{url}/test", {"to": "13800000000"}, admin)
    _change(walk, "POST", f"{url}/restore", {"version": 1}, url)
    _change(walk, "DELETE", url)
