"""Sending codes: the words around them, and the channel they leave by."""

from chalicelib.core import ids, log
from chalicelib.core.context import Context
from chalicelib.core.text import Text
from chalicelib.identity import codes
from chalicelib.notifications import channels
from chalicelib.notifications.channels import Letter
from chalicelib.store import Event

TITLE = Text("Your code: {code}", "您的验证码：{code}")
WHAT_FOR: dict[str, Text] = {
    "sign_in": Text("to sign in", "登录"),
    "bind": Text("to bind this address to your account", "绑定账号"),
    "reset": Text("to set a new password", "重置密码"),
    "confirm": Text("to confirm what you are about to do", "确认操作"),
}
TEXT = Text(
    "{code} is your code {what_for}. It is good for {minutes} minutes. Do not give it to anyone.",
    "验证码 {code}，用于{what_for}，{minutes} 分钟内有效，请勿告知他人。",
)


def send_code(ctx: Context, event: Event) -> None:
    """Consumer of `code.issued`. A channel that fails is tried again while the code is good.

    Killed between sending and writing that down, it sends the same code twice.
    """
    outgoing = codes.to_send(ctx, event)
    if outgoing is None:
        return
    channel = channels.to_phone() if outgoing.to.kind == "phone" else channels.to_mailbox()
    if channel is None:
        log.warning("code_not_sent", reason="no channel", channel=outgoing.to.kind)
        return
    code, locale = outgoing.code, outgoing.locale
    what_for = WHAT_FOR[outgoing.purpose].say(locale)
    minutes = int(codes.GOOD_FOR.total_seconds() // 60)
    letter = Letter(
        letter_id=ids.derived_id("ltr", event.event_id),
        at=event.occurred_at,
        to=outgoing.to.text,
        title=TITLE.say(locale, code=code),
        text=TEXT.say(locale, code=code, what_for=what_for, minutes=minutes),
        code=code,
    )
    channel.send(ctx, letter)
    codes.handed_over(outgoing)
