"""Sending codes: in the shop's words, by the channel they leave by."""

from chalicelib.core import ids, log
from chalicelib.core.context import Context
from chalicelib.core.text import Text
from chalicelib.identity import codes
from chalicelib.notifications import channels
from chalicelib.notifications.channels import Letter
from chalicelib.notifications.templates.messages import CODE
from chalicelib.notifications.templates.reading import rendered
from chalicelib.store import Event

WHAT_FOR: dict[str, Text] = {
    "sign_in": Text("to sign in", "登录"),
    "bind": Text("to bind this address to your account", "绑定账号"),
    "reset": Text("to set a new password", "重置密码"),
    "confirm": Text("to confirm what you are about to do", "确认操作"),
}


def send_code(ctx: Context, event: Event) -> None:
    """Consumer of `code.issued`. A channel that fails is tried again while the code is good.

    Killed between sending and writing that down, it sends the same code twice.
    """
    outgoing = codes.to_send(ctx, event)
    if outgoing is None:
        return
    by_phone = outgoing.to.kind == "phone"
    channel = channels.to_phone() if by_phone else channels.to_mailbox()
    if channel is None:
        log.warning("code_not_sent", reason="no channel", channel=outgoing.to.kind)
        return
    words = rendered(ctx, CODE, "sms" if by_phone else "mail", outgoing.locale, _values(outgoing))
    assert words is not None  # noqa: S101 - a code always has words
    letter = Letter(
        letter_id=ids.derived_id("ltr", event.event_id),
        at=event.occurred_at,
        to=outgoing.to.text,
        title=words.title,
        text=words.text,
        code=outgoing.code,
    )
    channel.send(ctx, letter)
    codes.handed_over(outgoing)


def _values(outgoing: codes.Outgoing) -> dict[str, object]:
    return {
        "code": outgoing.code,
        "what_for": WHAT_FOR[outgoing.purpose].say(outgoing.locale),
        "minutes": int(codes.GOOD_FOR.total_seconds() // 60),
    }
