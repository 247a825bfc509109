"""Every message a shop sends: what it is about, what may be said in it, and the words it comes with."""

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from chalicelib.core.text import Locale, Text
from chalicelib.notifications.entities import Channel

LOCALES: tuple[Locale, ...] = ("en", "zh-CN")
CODE = "account.code"


class Content(BaseModel):
    """The words of one message by one channel in one language. Which parts it has is the channel's to say."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    subject: str | None = None
    body: str | None = None
    template_id: str | None = None
    """The one that WeChat approved."""
    fields: dict[str, str] | None = None
    """What stands in the approved template's places: `thing1` → words."""
    page: str | None = None
    """Where the mini-program opens."""


@dataclass(frozen=True, slots=True)
class Variable:
    what: Text
    sample: Text
    """As long as such a value usually gets: what is measured with it fits."""


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message. Its name is that of the event it tells of, but for codes."""

    name: str
    what: Text
    channels: tuple[Channel, ...]
    title: Text
    text: Text
    variables: dict[str, Variable]
    needed: frozenset[str] = field(default=frozenset())
    """Without these it says nothing: a code letter without the code locks people out."""
    says_all: bool = False
    """The text needs no title before it."""

    def samples(self, locale: Locale) -> dict[str, str]:
        return {name: words(one.sample, locale) for name, one in self.variables.items()}


def words(text: Text, locale: Locale) -> str:
    """As it stands: what is in braces is a variable of a template, and not for `Text.say` to fill."""
    return text.zh if locale == "zh-CN" else text.en


def _variable(en: str, zh: str, sample: str, sample_zh: str = "") -> Variable:
    return Variable(Text(en, zh), Text(sample, sample_zh or sample))


SHOP = _variable("The shop's name", "店铺名称", "Souk", "苏克商城")
NUMBER = _variable("The order's number", "订单号", "20360302010000123456")
REASON = _variable("The reason given", "原因", "cancelled by the customer", "顾客取消订单")
_EVERYWHERE: tuple[Channel, ...] = ("in_app", "mail", "sms", "wechat")


def _told(name: str, what: Text, title: Text, text: Text, **variables: Variable) -> Message:
    """A message about something that happened to the customer: kept in their list, and ready for every other way."""
    return Message(name, what, _EVERYWHERE, title, text, {"shop": SHOP, **variables})


_DECLARED = (
    Message(
        CODE,
        Text("A code that proves a phone or a mailbox", "验证码"),
        ("sms", "mail"),
        Text("Your code: {code}", "您的验证码：{code}"),
        Text(
            "{code} is your code {what_for}. It is good for {minutes} minutes. Do not give it to anyone.",
            "验证码 {code}，用于{what_for}，{minutes} 分钟内有效，请勿告知他人。",
        ),
        {
            "shop": SHOP,
            "code": _variable("The code", "验证码", "123456"),
            "what_for": _variable("What it is for", "用途", "to set a new password", "设置新密码"),
            "minutes": _variable("For how many minutes it is good", "有效分钟数", "5"),
        },
        frozenset({"code"}),
        says_all=True,
    ),
    _told(
        "order.paid",
        Text("The order is paid", "订单已支付"),
        Text("Order {number} is paid", "订单 {number} 已支付"),
        Text("We have your payment and are getting your order ready.", "已收到您的付款，正在为您准备商品。"),
        number=NUMBER,
    ),
    _told(
        "order.shipped",
        Text("A parcel is on its way", "订单已发货"),
        Text("Order {number} is on its way", "订单 {number} 已发货"),
        Text("{carrier}, tracking number {tracking_number}.", "{carrier}，运单号 {tracking_number}。"),
        number=NUMBER,
        carrier=_variable("Who carries it", "承运公司", "SF Express", "顺丰速运"),
        tracking_number=_variable("The tracking number", "运单号", "SF1234567890123"),
    ),
    _told(
        "order.completed",
        Text("The order is complete", "订单已完成"),
        Text("Order {number} is complete", "订单 {number} 已完成"),
        Text("Thank you for your order.", "感谢您的购买。"),
        number=NUMBER,
    ),
    _told(
        "order.cancelled",
        Text("The order was cancelled", "订单已取消"),
        Text("Order {number} was cancelled", "订单 {number} 已取消"),
        Text("Reason: {reason}.", "原因：{reason}。"),
        number=NUMBER,
        reason=REASON,
    ),
    _told(
        "refund.succeeded",
        Text("Money was given back", "退款成功"),
        Text("A refund for order {number}", "订单 {number} 已退款"),
        Text("The money is on its way back to you.", "款项将原路退回。"),
        number=NUMBER,
    ),
    _told(
        "kyc.approved",
        Text("The customer's identity is verified", "实名认证通过"),
        Text("Your identity is verified", "您的实名认证已通过"),
        Text("The verification is good until {expires_on}.", "认证有效期至 {expires_on}。"),
        expires_on=_variable("Until when it is good", "有效期至", "2037-03-02"),
    ),
    _told(
        "kyc.rejected",
        Text("The customer's identity could not be verified", "实名认证未通过"),
        Text("Your identity could not be verified", "您的实名认证未通过"),
        Text("You may submit again. Reason: {reason}", "您可以重新提交。原因：{reason}"),
        reason=REASON,
    ),
    _told(
        "kyc.expired",
        Text("A verification has expired", "实名认证过期"),
        Text("Your verification has expired", "您的实名认证已过期"),
        Text("Submit a valid document to be verified again.", "请提交有效证件重新认证。"),
    ),
)

MESSAGES: dict[str, Message] = {one.name: one for one in _DECLARED}
TOLD = tuple(name for name, one in MESSAGES.items() if "in_app" in one.channels)
"""The events that customers are told of."""
