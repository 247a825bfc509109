"""The staff's menu: a page is there for who may read what it shows."""

from dataclasses import dataclass

from chalicelib.core.context import Actor
from chalicelib.core.text import Locale, Text


@dataclass(frozen=True, slots=True)
class Page:
    key: str
    title: Text
    path: str
    """The list the page begins with."""
    permission: str


MENU: tuple[Page, ...] = (
    Page("products", Text("Products", "商品"), "/v1/admin/products", "products:read"),
    Page("uploads", Text("Files", "素材库"), "/v1/admin/uploads", "uploads:read"),
    Page("orders", Text("Orders", "订单"), "/v1/admin/orders", "orders:read"),
    Page("payments", Text("Payments", "支付"), "/v1/admin/payments", "payments:read"),
    Page("members", Text("Members", "会员"), "/v1/admin/users", "members:read"),
    Page("kyc", Text("Verifications", "实名认证"), "/v1/admin/kyc", "kyc:read"),
    Page("events", Text("Undelivered events", "未送达事件"), "/v1/admin/events/dead-letters", "events:read"),
    Page("settings", Text("Settings", "设置"), "/v1/admin/settings", "settings:read"),
    Page("parameters", Text("Parameters", "参数设置"), "/v1/admin/settings/parameters", "settings:read"),
    Page("dictionaries", Text("Code lists", "数据字典"), "/v1/admin/settings/dictionaries", "settings:read"),
    Page("templates", Text("Message templates", "消息模板"), "/v1/admin/settings/templates", "settings:read"),
    Page(
        "payment_channels",
        Text("Payment channels", "支付渠道"),
        "/v1/admin/settings/payment-channels",
        "settings:read",
    ),
    Page("roles", Text("Roles", "角色"), "/v1/admin/roles", "roles:read"),
    Page("audit", Text("Audit log", "操作日志"), "/v1/admin/audit-log", "audit:read"),
    Page("jobs", Text("Jobs", "定时任务"), "/v1/admin/jobs", "jobs:read"),
    Page("system", Text("System", "系统状态"), "/v1/admin/system", "system:read"),
    Page("tenants", Text("Shops", "店铺"), "/v1/platform/tenants", "platform:read"),
    Page("backups", Text("Backups", "备份"), "/v1/platform/backups", "platform:read"),
)


def of(actor: Actor, locale: Locale) -> list[dict[str, str]]:
    """What this person's permissions let them open, in the menu's order."""
    return [
        {"key": page.key, "title": page.title.say(locale), "path": page.path}
        for page in MENU
        if actor.may(page.permission)
    ]
