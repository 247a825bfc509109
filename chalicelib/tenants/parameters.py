"""Every parameter and switch a shop can be set to: declared here, kept on the tenant, read with it. Pure.

A rule that reads one pays nothing for it: whoever serves a request of the shop has its tenant in hand already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.core.settings import Settings
from chalicelib.core.text import Text
from chalicelib.tenants import terms as rules
from chalicelib.tenants.entities import Tenant, Terms
from chalicelib.tenants.values import Choices, Fault, Kind, Setting, Switch, Url, Whole

GIB = 1024**3
FILE_TYPES = (
    "application/epub+zip", "application/octet-stream", "application/pdf", "application/zip", "audio/mpeg",
    "image/gif", "image/jpeg", "image/png", "image/webp", "video/mp4",
)  # fmt: skip
"""What a shop may let in. Nothing that a browser would run: no HTML, no SVG, no script."""

REGISTRATION = "accounts.registration"
GUEST_CARTS = "cart.guests"
REMINDERS = "orders.reminders"
KYC_SUBMISSIONS = "kyc.submissions"
QUOTA_BYTES = "storage.quota_bytes"
MAX_FILE_BYTES = "storage.max_file_bytes"
ALLOWED_TYPES = "storage.allowed_types"
PUBLIC_BASE_URL = "storage.public_base_url"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing a shop can be set to."""

    name: str
    kind: Kind
    what: Text
    default: Callable[[Settings], Setting]
    """What holds where the shop has no choice of its own."""
    changed_by: Literal["shop", "platform"] = "shop"
    """The platform may change all of them."""
    term: str = ""
    """The field of the shop's `Terms` that keeps it; empty: `Tenant.parameters` does."""
    ceiling: Callable[[Tenant, Settings], int] | None = None
    """A bound that the platform sets for each shop."""

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    def chosen(self, tenant: Tenant) -> Setting | None:
        """The shop's own choice, or None."""
        value: Setting | None = (
            getattr(tenant.terms, self.term) if self.term else tenant.parameters.get(self.name)
        )
        return value

    def choose(self, tenant: Tenant, value: Setting | None) -> None:
        """The shop's choice becomes this; None: it has none any more."""
        if self.term:
            tenant.terms = Terms.model_validate({**tenant.terms.model_dump(), self.term: value})
            return
        others = {name: kept for name, kept in tenant.parameters.items() if name != self.name}
        tenant.parameters = others if value is None else {**others, self.name: value}

    def most(self, tenant: Tenant, stage: Settings) -> int | None:
        """The highest number this shop may choose; None: it is no number."""
        if not isinstance(self.kind, Whole):
            return None
        return self.kind.most if self.ceiling is None else min(self.kind.most, self.ceiling(tenant, stage))

    def in_force(self, tenant: Tenant, stage: Settings) -> Setting:
        """What a rule meets: the shop's choice under the platform's ceiling, else the default.

        A choice that the declaration does not allow any more (a later version narrowed it) is none.
        """
        chosen = self.chosen(tenant)
        if self.term:
            in_force: int = getattr(rules.in_force(tenant, stage), self.term)
            return in_force
        if chosen is None or self.kind.fault(chosen, None) is not None:
            return self.default(stage)
        return chosen

    def fault(self, value: Setting, tenant: Tenant, stage: Settings) -> Fault | None:
        return self.kind.fault(value, self.most(tenant, stage))


def _fixed(value: Setting) -> Callable[[Settings], Setting]:
    return lambda stage: value


def _switch(name: str, en: str, zh: str) -> Parameter:
    """On, until a shop says otherwise."""
    return Parameter(name, Switch(), Text(en, zh), _fixed(True))


_DECLARED = (
    Parameter(
        "orders.pay_minutes",
        Whole(1, rules.MOST_PAY_MINUTES, "minutes"),
        Text("How long an unpaid order holds its stock.", "未支付订单保留库存的时长。"),
        lambda stage: stage.pay_minutes,
        term="pay_minutes",
    ),
    Parameter(
        "orders.confirm_days",
        Whole(1, rules.MOST_CONFIRM_DAYS, "days"),
        Text("After how many days a shipped order completes by itself.", "发货后多少天自动确认收货。"),
        lambda stage: stage.confirm_days,
        term="confirm_days",
    ),
    Parameter(
        "orders.ship_alarm_hours",
        Whole(1, rules.MOST_ALARM_HOURS, "hours"),
        Text("After how many hours a paid, unshipped order raises an alarm.", "已付款未发货多少小时后告警。"),
        lambda stage: stage.ship_alarm_hours,
        term="ship_alarm_hours",
    ),
    Parameter(
        "orders.most_open_orders",
        Whole(1, 10**6, "orders"),
        Text("Unpaid orders one customer may have.", "每位顾客最多可有的未支付订单数。"),
        lambda stage: stage.most_open_orders,
        term="open_orders",
        ceiling=lambda tenant, stage: rules.most(tenant.ceilings, stage).open_orders,
    ),
    Parameter(
        "orders.most_reserved_units",
        Whole(1, 10**6, "units"),
        Text("Unpaid units of one SKU one customer may hold.", "每位顾客对同一商品最多可占用的未支付数量。"),
        lambda stage: stage.most_reserved_units,
        term="reserved_units",
        ceiling=lambda tenant, stage: rules.most(tenant.ceilings, stage).reserved_units,
    ),
    _switch(REMINDERS, "Customers may remind the shop to ship.", "顾客可以提醒发货。"),
    _switch(REGISTRATION, "Strangers may open an account by themselves.", "允许访客自行注册账号。"),
    _switch(GUEST_CARTS, "Visitors may fill a cart without an account.", "未登录访客可以使用购物车。"),
    _switch(KYC_SUBMISSIONS, "Customers may submit documents for verification.", "顾客可以提交实名认证资料。"),
    Parameter(
        QUOTA_BYTES,
        Whole(0, 100 * 1024 * GIB, "bytes"),
        Text("How much all files of the shop may take together.", "店铺全部文件的总容量上限。"),
        _fixed(10 * GIB),
        changed_by="platform",
    ),
    Parameter(
        MAX_FILE_BYTES,
        Whole(1, 5 * GIB, "bytes"),
        Text("How large one file may be.", "单个文件的大小上限。"),
        _fixed(2 * GIB),
    ),
    Parameter(
        ALLOWED_TYPES,
        Choices(FILE_TYPES),
        Text("Which types of files may be uploaded.", "允许上传的文件类型。"),
        lambda stage: list(FILE_TYPES),
    ),
    Parameter(
        PUBLIC_BASE_URL,
        Url(),
        Text("Where clients load public files from; empty: the bucket.", "公开文件的访问地址；为空即存储桶。"),
        _fixed(""),
        changed_by="platform",
    ),
)  # fmt: skip

PARAMETERS: dict[str, Parameter] = {one.name: one for one in _DECLARED}
SWITCHES = tuple(one.name for one in _DECLARED if isinstance(one.kind, Switch))
GROUPS = tuple(dict.fromkeys(one.group for one in _DECLARED))


def differences(before: Tenant, after: Tenant) -> dict[str, tuple[Any, Any]]:
    """The parameters in which two versions of a shop differ: the choice before, and after."""
    return {
        name: (one.chosen(before), one.chosen(after))
        for name, one in PARAMETERS.items()
        if one.chosen(before) != one.chosen(after)
    }
