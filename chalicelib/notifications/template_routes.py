"""Message templates: a shop's own words for what it tells its customers."""

from chalicelib.core.context import Context
from chalicelib.core.errors import Invalid, NotFound, PreconditionFailed
from chalicelib.http import RateLimit, Routes, staff
from chalicelib.notifications.channels.base import Letter
from chalicelib.notifications.template_schemas import (
    ChannelInPath,
    LocaleInPath,
    MessageName,
    PreviewTemplate,
    RenderedView,
    RestoreTemplate,
    SampleSent,
    SendSample,
    TemplateList,
    TemplateQuery,
    TemplateView,
    VersionPage,
    VersionQuery,
    VersionView,
    WriteTemplate,
)
from chalicelib.notifications.templates import editing, reading
from chalicelib.notifications.templates.editing import NoSandbox, NoWords
from chalicelib.notifications.templates.forms import Rendered
from chalicelib.notifications.templates.reading import Template

routes = Routes("templates")

_READ, _WRITE = staff("settings:read"), staff("settings:write")
_ONE = "/v1/admin/settings/templates/{message}/{channel}/{locale}"


@routes.get("/v1/admin/settings/templates", permission=_READ)
def list_templates(ctx: Context, query: TemplateQuery) -> TemplateList:
    """Every message there is, by each channel and in each language, in the words that are in force."""
    kept = [
        TemplateView.of(one)
        for one in reading.every(ctx, fresh=True)
        if query.message in (None, one.message.name)
        and query.channel in (None, one.channel)
        and query.locale in (None, one.locale)
        and query.changed in (None, one.own is not None)
    ]
    return TemplateList(data=kept)


@routes.get(_ONE, permission=_READ, answer=TemplateView, errors=[NotFound])
def read_template(
    ctx: Context, message: MessageName, channel: ChannelInPath, locale: LocaleInPath
) -> Template:
    """One template, with the variables it may name. The ETag is what If-Match takes; `"0"` where it was never set."""
    return editing.read(ctx, editing.place(message, channel, locale))


@routes.put(_ONE, permission=_WRITE, answer=TemplateView, errors=[NotFound, Invalid, PreconditionFailed])
def write_template(
    ctx: Context,
    message: MessageName,
    channel: ChannelInPath,
    locale: LocaleInPath,
    body: WriteTemplate,
    if_match: int | None,
) -> Template:
    """Say it in the shop's own words: a new version, in effect everywhere within a minute."""
    place = editing.place(message, channel, locale)
    return editing.write(ctx, place, body.content.value(), if_match, body.reason or "")


@routes.delete(_ONE, permission=_WRITE, answer=TemplateView, errors=[NotFound, PreconditionFailed])
def reset_template(
    ctx: Context, message: MessageName, channel: ChannelInPath, locale: LocaleInPath, if_match: int | None
) -> Template:
    """Have the usual words again, as a new version."""
    return editing.write(ctx, editing.place(message, channel, locale), None, if_match, "")


@routes.get(f"{_ONE}/versions", permission=_READ, errors=[NotFound])
def list_template_versions(
    ctx: Context, message: MessageName, channel: ChannelInPath, locale: LocaleInPath, query: VersionQuery
) -> VersionPage:
    """What a template was before, newest first."""
    page = editing.versions(
        ctx, editing.place(message, channel, locale), limit=query.limit, cursor=query.cursor
    )
    return VersionPage.page([VersionView.of(one) for one in page.data], page.next_cursor)


@routes.post(
    f"{_ONE}/restore", permission=_WRITE, answer=TemplateView, errors=[NotFound, Invalid, PreconditionFailed]
)
def restore_template(
    ctx: Context,
    message: MessageName,
    channel: ChannelInPath,
    locale: LocaleInPath,
    body: RestoreTemplate,
    if_match: int | None,
) -> Template:
    """Have the words of an earlier version again, as a new version."""
    return editing.restore(
        ctx, editing.place(message, channel, locale), body.version, if_match, body.reason or ""
    )


@routes.post(
    f"{_ONE}/preview",
    permission=_READ,
    answer=RenderedView,
    audited=False,
    errors=[NotFound, Invalid, NoWords],
)
def preview_template(
    ctx: Context, message: MessageName, channel: ChannelInPath, locale: LocaleInPath, body: PreviewTemplate
) -> Rendered:
    """A draft, or the template in force, as a customer would read it. Nothing is written or sent."""
    draft = body.content.value() if body.content else None
    return editing.preview(ctx, editing.place(message, channel, locale), draft, body.values)


@routes.post(
    f"{_ONE}/test",
    permission=_WRITE,
    status=202,
    answer=SampleSent,
    rate_limit=RateLimit(60, 3600, per="user"),
    errors=[NotFound, NoWords, NoSandbox],
)
def send_sample(
    ctx: Context, message: MessageName, channel: ChannelInPath, locale: LocaleInPath, body: SendSample
) -> Letter:
    """Send the template in force with sample values: it lies in `GET /v1/sandbox/outbox`. Only where that is."""
    return editing.send_sample(ctx, editing.place(message, channel, locale), body.to)
