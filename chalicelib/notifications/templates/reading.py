"""The templates in force, and messages rendered from them. A warm process asks for a shop's once a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.context import Context
from chalicelib.core.remembering import Remembered
from chalicelib.core.text import Locale
from chalicelib.notifications.entities import Channel
from chalicelib.notifications.templates.entities import MessageTemplate
from chalicelib.notifications.templates.filling import plain
from chalicelib.notifications.templates.forms import FORMS, Rendered
from chalicelib.notifications.templates.messages import LOCALES, MESSAGES, Content, Message
from chalicelib.store import collection
from chalicelib.tenants import service as tenants

Place = tuple[str, Channel, Locale]
"""Which message, by which channel, in which language."""

_known: Remembered[str, dict[Place, MessageTemplate]] = Remembered()


@dataclass(frozen=True, slots=True)
class Template:
    """The words at one place, as they count now."""

    message: Message
    channel: Channel
    locale: Locale
    own: Content | None
    """The shop's; None: the usual ones."""
    version: int

    @property
    def usual(self) -> Content | None:
        return FORMS[self.channel].usual(self.message, self.locale)

    @property
    def content(self) -> Content | None:
        """None: a message by this channel cannot be sent yet."""
        return self.own or self.usual


def every(ctx: Context, *, fresh: bool = False) -> list[Template]:
    """All places there are. At most one Query a minute; `fresh`: one now."""
    stored = _read(ctx.tenant) if fresh else _known.get(ctx.tenant, lambda: _read(ctx.tenant))
    return [_template(stored, place) for place in places()]


def places() -> list[Place]:
    return [
        (name, channel, locale)
        for name, message in MESSAGES.items()
        for channel in message.channels
        for locale in LOCALES
    ]


def _read(tenant: str) -> dict[Place, MessageTemplate]:
    found = collection(tenant, MessageTemplate.key).all(MessageTemplate)
    return {one.place: one for one in found}


def _template(stored: Mapping[Place, MessageTemplate], place: Place) -> Template:
    name, channel, locale = place
    own = stored.get(place)
    return Template(MESSAGES[name], channel, locale, own.content if own else None, own.version if own else 0)


def forget() -> None:
    """Ask the table again at the next look."""
    _known.forget()


def rendered(
    ctx: Context, name: str, channel: Channel, locale: Locale, values: Mapping[str, Any]
) -> Rendered | None:
    """A message as the shop words it; None where it has no words for this channel.

    At most one Query a minute, and one GetItem for the shop's name.
    """
    stored = _known.get(ctx.tenant, lambda: _read(ctx.tenant))
    content = _template(stored, (name, channel, locale)).content
    if content is None:
        return None
    told = {"shop": tenants.of(ctx).name, **values}
    said = {one: plain(told[one]) for one in MESSAGES[name].variables if told.get(one) is not None}
    return FORMS[channel].render(content, said)
