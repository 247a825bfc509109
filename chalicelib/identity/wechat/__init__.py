"""WeChat: who somebody is in the shop's mini-program, and the phone number they have there.

Others call `mini_program()`; what it may raise stands in `base`.
"""

from functools import cache

from chalicelib.core import log
from chalicelib.core.settings import settings
from chalicelib.identity.wechat.base import (
    MiniProgram,
    WechatBusy,
    WechatCodeInvalid,
    WechatOff,
    WechatPerson,
)

__all__ = ["MiniProgram", "WechatBusy", "WechatCodeInvalid", "WechatOff", "WechatPerson", "mini_program"]


def mini_program() -> MiniProgram:
    """The shop's, as this stage is set up. Raises WechatOff where none is."""
    stage = settings()
    if not stage.wechat_app_id or not stage.wechat_app_secret:
        log.warning("wechat_off")
        raise WechatOff(retry_after=3600)
    return _made(stage.wechat_api_base, stage.wechat_app_id, stage.wechat_app_secret)


@cache
def _made(base: str, app_id: str, app_secret: str) -> MiniProgram:
    from chalicelib.identity.wechat.server import WechatServer

    return WechatServer(base, app_id, app_secret)
