"""A shop's own words, and what they were before."""

from chalicelib.core.text import Locale
from chalicelib.notifications.entities import Channel
from chalicelib.notifications.templates.messages import Content
from chalicelib.store import Instant, Int, Item, Key, Ref, Text, Value


class MessageTemplate(Item, discriminator="message_template"):
    """A shop's words for one message by one channel in one language. Kept when they go back to the usual ones: its
    version goes on."""

    key = Key(
        "MESSAGE_TEMPLATES",
        "{message}#{channel}#{locale}",
        "a shop's own message templates, all in one Query",
    )

    message: Text = Text()
    channel: Text = Text()
    locale: Text = Text()
    content: Value[Content | None] = Value(Content, default=None, null=True)
    """None: the usual words."""

    @property
    def place(self) -> tuple[str, Channel, Locale]:
        return self.message, self.channel, self.locale  # type: ignore[return-value]  # written by this package only


class TemplateVersion(Item, discriminator="template_version"):
    """One version of a shop's words: what, when, by whom and why. Written with it, and never again."""

    key = Key(
        "MESSAGE_TEMPLATE#{message}#{channel}#{locale}",
        "{number}",
        "the versions of one template, newest first",
    )
    audited = False

    message: Text = Text()
    channel: Text = Text()
    locale: Text = Text()
    number: Int = Int()
    content: Value[Content | None] = Value(Content, default=None, null=True)
    at: Instant = Instant()
    actor_id: Text = Text()
    reason: Text = Text()


def template_ref(tenant: str, message: str, channel: str, locale: str) -> Ref:
    return MessageTemplate.key.of(tenant, message=message, channel=channel, locale=locale)


def version_ref(tenant: str, message: str, channel: str, locale: str, number: int) -> Ref:
    return TemplateVersion.key.of(tenant, message=message, channel=channel, locale=locale, number=number)
