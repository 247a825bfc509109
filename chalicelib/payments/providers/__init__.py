"""Payment providers behind one port. Adding one is one new file and one line here."""

from collections.abc import Callable
from functools import cache

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.settings import settings
from chalicelib.core.text import Text
from chalicelib.payments.providers.base import Provider


class ProviderOff(Conflict):
    code = "provider_not_available"
    title = Text("This payment provider is not switched on", "该支付方式未开通")
    detail = Text("Choose another provider.", "请选择其他支付方式。")


def _sandbox() -> Provider:
    from chalicelib.payments.providers.sandbox import Sandbox

    return Sandbox()


_MAKERS: dict[str, tuple[Callable[[], Provider], Callable[[], bool]]] = {
    "sandbox": (_sandbox, lambda: settings().sandbox),
}


@cache
def _made(name: str) -> Provider:
    return _MAKERS[name][0]()


def provider(name: str) -> Provider:
    """The adapter, whether or not it is switched on: what was begun with it is finished with it."""
    if name not in _MAKERS:
        raise ProviderOff(provider=name)
    return _made(name)


def is_on(name: str) -> bool:
    """Whether this stage has the provider, and has it switched on."""
    return name in _MAKERS and _MAKERS[name][1]()


def switched_on(name: str) -> Provider:
    """The adapter for something new. Raises ProviderOff for one that is unknown or off on this stage."""
    if not is_on(name):
        raise ProviderOff(provider=name)
    return _made(name)


def provider_for_callback(name: str) -> Provider:
    """The same for a webhook's address. Raises NotFound."""
    try:
        return switched_on(name)
    except ProviderOff:
        raise NotFound from None
