"""What a shop may say of each provider: for whom it is, and what identifies the shop there. Pure.

A secret is named by its place and never given: the adapter reads it there. An id is no secret: who pays sees it too.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.core.text import Text

Client = Literal["web", "mini_program"]
CLIENT_OF_METHOD: dict[str, Client] = {
    "jsapi": "mini_program",
    "native": "web",
    "page": "web",
    "wap": "web",
    "card": "web",
}
"""A method of paying → where the customer is. A payment without a method may be made anywhere."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One provider, as far as a shop may set it."""

    title: Text
    clients: frozenset[Client]
    ids: dict[str, re.Pattern[str]] = field(default_factory=dict)
    """Name → form of what identifies the shop at the provider."""
    secrets: frozenset[str] = frozenset()
    """Names of what is kept elsewhere."""
    needed: frozenset[str] = frozenset()
    """Of both: who gives any has to give these. Who gives none uses the stage's own account."""


_EVERYWHERE: frozenset[Client] = frozenset({"web", "mini_program"})
_WEB: frozenset[Client] = frozenset({"web"})

DECLARED: dict[str, Declared] = {
    "sandbox": Declared(Text("Sandbox", "沙箱支付"), _EVERYWHERE),
    "stripe": Declared(
        Text("Card", "银行卡"),
        _WEB,
        ids={
            "account_id": re.compile(r"acct_[A-Za-z0-9]{1,60}"),
            "publishable_key": re.compile(r"pk_(?:test|live)_[A-Za-z0-9]{1,200}"),
        },
        secrets=frozenset({"api_key", "webhook_secret"}),
        needed=frozenset({"publishable_key", "api_key", "webhook_secret"}),
    ),
    "wechat_pay": Declared(
        Text("WeChat Pay", "微信支付"),
        _EVERYWHERE,
        ids={
            "mch_id": re.compile(r"[0-9]{8,12}"),
            "app_id": re.compile(r"wx[0-9a-f]{16}"),
            "cert_serial": re.compile(r"[0-9A-F]{16,64}"),
            "public_key_id": re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{1,60}"),
        },
        secrets=frozenset({"api_v3_key", "private_key", "public_key"}),
        needed=frozenset({"mch_id", "app_id", "cert_serial", "api_v3_key", "private_key"}),
    ),
    "alipay": Declared(
        Text("Alipay", "支付宝"),
        _WEB,
        ids={"app_id": re.compile(r"[0-9]{16}")},
        secrets=frozenset({"private_key", "public_key"}),
        needed=frozenset({"app_id", "private_key", "public_key"}),
    ),
    "wallet": Declared(Text("Wallet", "余额"), _EVERYWHERE),
}
"""In the order in which they are shown where a shop says nothing else."""
