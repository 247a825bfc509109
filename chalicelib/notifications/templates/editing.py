"""What staff do with templates: look, write, go back, preview, and send themselves one through the sandbox."""

from collections.abc import Mapping

from chalicelib.core.context import Context
from chalicelib.core.errors import Conflict, Invalid, NotFound, PreconditionFailed
from chalicelib.core.settings import settings
from chalicelib.core.text import Locale, Text
from chalicelib.notifications.channels.base import Letter
from chalicelib.notifications.channels.sandbox import Sandbox
from chalicelib.notifications.entities import Channel
from chalicelib.notifications.templates import reading
from chalicelib.notifications.templates.entities import (
    MessageTemplate,
    TemplateVersion,
    template_ref,
    version_ref,
)
from chalicelib.notifications.templates.filling import plain
from chalicelib.notifications.templates.forms import FORMS, Rendered, faults
from chalicelib.notifications.templates.messages import MESSAGES, Content, Message
from chalicelib.notifications.templates.reading import Place, Template
from chalicelib.store import Page, again, get, items, note, refuse_with, transaction
from chalicelib.tenants import service as tenants


class NoWords(Conflict):
    code = "template_not_set"
    title = Text("There are no words for this yet", "该模板尚未设置")
    detail = Text("Write the template first.", "请先编写模板。")


class NoSandbox(Conflict):
    code = "sandbox_off"
    title = Text("This stage keeps no messages", "当前环境未启用沙箱")
    detail = Text(
        "Preview the template, or send it from a developer's machine.", "请使用预览，或在开发环境测试发送。"
    )


def place(name: str, channel: str, locale: str) -> Place:
    """A place that there is. Raises NotFound."""
    for known in reading.places():
        if known == (name, channel, locale):
            return known
    raise NotFound


def read(ctx: Context, place: Place) -> Template:
    """The template at a place as it stands in the table. One GetItem."""
    name, channel, locale = place
    message = MESSAGES[name]
    stored = get(MessageTemplate, template_ref(ctx.tenant, *place))
    content, version = (stored.content, stored.version) if stored else (None, 0)
    return Template(message, channel, locale, content, version)


def write(ctx: Context, place: Place, content: Content | None, if_match: int | None, reason: str) -> Template:
    """The shop's words become `content`; None: the usual ones. Here at once, elsewhere within a minute.

    Store calls: 2; more only after a lost race without `if_match`. Raises Invalid, PreconditionFailed.
    """
    name, channel, locale = place
    message = MESSAGES[name]
    if content is not None:
        check(ctx, message, channel, locale, content)
    if if_match is not None:
        return _write_once(ctx, place, content, if_match, reason)
    return again(lambda: _write_once(ctx, place, content, None, reason), PreconditionFailed)


def _write_once(
    ctx: Context, place: Place, content: Content | None, if_match: int | None, reason: str
) -> Template:
    message, channel, locale = place
    stored = get(MessageTemplate, template_ref(ctx.tenant, *place))
    if if_match is not None and if_match != (stored.version if stored else 0):
        raise PreconditionFailed
    one = stored or MessageTemplate(tenant=ctx.tenant, message=message, channel=channel, locale=locale)
    if one.content == content:
        return Template(MESSAGES[message], channel, locale, content, one.version)
    one.content = content
    version = TemplateVersion(
        tenant=ctx.tenant,
        message=message,
        channel=channel,
        locale=locale,
        number=one.version + 1,
        content=content,
        at=ctx.now,
        actor_id=ctx.actor.id,
        reason=reason,
    )
    with transaction(ctx) as tx:
        if stored is not None:
            tx.replace("template", one)
        else:
            one.version = 1
            tx.put("template", one, refuse=refuse_with(PreconditionFailed))
        tx.put("version", version, refuse=refuse_with(PreconditionFailed))
    reading.forget()
    return Template(MESSAGES[message], channel, locale, content, one.version)


def restore(ctx: Context, place: Place, number: int, if_match: int | None, reason: str) -> Template:
    """Have the words of an earlier version again, as a new version. Store calls: 3.

    Raises NotFound, Invalid where they would not do any more, PreconditionFailed.
    """
    version = get(TemplateVersion, version_ref(ctx.tenant, *place, number))
    if version is None:
        raise NotFound
    return write(ctx, place, version.content, if_match, reason)


def versions(ctx: Context, place: Place, *, limit: int, cursor: str | None) -> Page[TemplateVersion]:
    """What a template was, newest first. One Query. Raises CursorInvalid."""
    message, channel, locale = place
    return items(
        TemplateVersion,
        ctx.tenant,
        TemplateVersion.key,
        message=message,
        channel=channel,
        locale=locale,
        limit=limit,
        cursor=cursor,
        newest_first=True,
    )


def check(ctx: Context, message: Message, channel: Channel, locale: Locale, content: Content) -> None:
    """Raises Invalid with everything that is wrong."""
    found = faults(FORMS[channel], message, content, _samples(ctx, message, locale))
    if found:
        raise Invalid(
            [
                {
                    "field": f"content.{one.field}",
                    "code": one.code,
                    "message": one.said.say(ctx.locale, **one.fields),
                }
                for one in found
            ]
        )


def preview(ctx: Context, place: Place, draft: Content | None, values: Mapping[str, str]) -> Rendered:
    """A draft, or the template in force, with sample values where none are given. At most one GetItem.

    Raises Invalid, NoWords.
    """
    name, channel, locale = place
    message = MESSAGES[name]
    strange = sorted(values.keys() - message.variables.keys())
    if strange:
        raise Invalid.field(f"values.{strange[0]}", "unknown_variable", _UNKNOWN.say(ctx.locale))
    if draft is not None:
        check(ctx, message, channel, locale, draft)
    content = draft or read(ctx, place).content
    if content is None:
        raise NoWords
    said = _samples(ctx, message, locale) | {name: plain(value) for name, value in values.items()}
    return FORMS[channel].render(content, said)


def send_sample(ctx: Context, place: Place, to: str) -> Letter:
    """Send the template in force with its samples, as far as the sandbox. Store calls: 3.

    Raises NoWords, NoSandbox.
    """
    if not settings().shows_messages:
        raise NoSandbox
    shown = preview(ctx, place, None, {})
    letter = Letter(ctx.new_id("ltr"), ctx.now, to, shown.title, shown.text)
    note(ctx)
    Sandbox().send(ctx, letter)
    return letter


_UNKNOWN = Text("is no variable of this message", "不是此消息的变量")


def _samples(ctx: Context, message: Message, locale: Locale) -> dict[str, str]:
    return message.samples(locale) | {"shop": plain(tenants.of(ctx).name)}
