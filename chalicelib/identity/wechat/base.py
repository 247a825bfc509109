"""What is asked of WeChat, and what can go wrong with it."""

from dataclasses import dataclass
from typing import Protocol

from chalicelib.core.errors import Unauthenticated, Unavailable
from chalicelib.core.text import Text
from chalicelib.identity import logins
from chalicelib.identity.logins import Login


class WechatCodeInvalid(Unauthenticated):
    code = "wechat_code_invalid"
    title = Text("WeChat does not know this code", "微信登录凭证无效")
    detail = Text(
        "Codes are good once, for five minutes: call wx.login again.", "请重新调用 wx.login 获取凭证。"
    )


class WechatBusy(Unavailable):
    code = "wechat_busy"
    title = Text("WeChat does not answer", "微信服务暂时不可用")
    detail = Text("Try again in {retry_after} seconds.", "请在 {retry_after} 秒后重试。")


class WechatOff(Unavailable):
    code = "wechat_off"
    title = Text("This shop has no mini-program", "该店铺未开通微信登录")
    detail = Text("Use another way to sign in.", "请使用其他登录方式。")


@dataclass(frozen=True, slots=True)
class WechatPerson:
    """Somebody as one mini-program knows them. Their session key stays where it was read."""

    openid: str
    """Theirs in this mini-program."""
    unionid: str | None
    """Theirs in all of the shop's WeChat apps, where those belong together."""

    def logins(self) -> list[Login]:
        """Raises WechatBusy for ids that cannot be."""
        found = [logins.wechat("wechat_openid", self.openid)]
        if self.unionid:
            found.append(logins.wechat("wechat_unionid", self.unionid))
        known = [login for login in found if login is not None]
        if len(known) != len(found):
            raise WechatBusy(retry_after=60)
        return known


class MiniProgram(Protocol):
    def identify(self, code: str) -> WechatPerson:
        """Who called `wx.login`. Raises WechatCodeInvalid, WechatBusy."""
        ...

    def phone_number(self, code: str) -> str:
        """What the phone number button told the mini-program. Raises WechatCodeInvalid, WechatBusy."""
        ...
