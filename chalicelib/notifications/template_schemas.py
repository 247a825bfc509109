"""API shapes of message templates."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from chalicelib.core.text import Locale
from chalicelib.http import Body, ListOf, ListQuery, Query, Timestamp, View
from chalicelib.notifications.templates.messages import Content
from chalicelib.notifications.templates.reading import Template

MessageName = Annotated[str, Field(pattern=r"^[a-z_.]{1,60}$", examples=["order.shipped"])]
ChannelName = Literal["in_app", "mail", "sms", "wechat"]
ChannelInPath = Annotated[str, Field(pattern=r"^[a-z_]{1,20}$", examples=["sms"])]
LocaleInPath = Annotated[str, Field(pattern=r"^[A-Za-z-]{2,10}$", examples=["zh-CN"])]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Paragraphs = Annotated[str, Field(max_length=6000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Place = Annotated[str, Field(max_length=40, pattern=r"^[a-z_0-9]+$", examples=["thing1"])]


class WriteContent(Body):
    """Only the parts that the channel has: mail and in_app a subject and a body, sms a body, wechat the rest.

    A variable stands in braces: `{number}`.
    """

    subject: Line | None = None
    body: Paragraphs | None = None
    template_id: Line | None = None
    """Of the template that WeChat approved."""
    fields: Annotated[dict[Place, Line], Field(max_length=10)] | None = None
    """What stands in the places of the approved template."""
    page: Line | None = None
    """Where the mini-program opens."""

    def value(self) -> Content:
        return Content(**self.model_dump())


class WriteTemplate(Body):
    content: WriteContent
    reason: Reason | None = None
    """For the record."""


class RestoreTemplate(Body):
    version: Annotated[int, Field(ge=1, le=10**9)]
    reason: Reason | None = None
    """For the record."""


class PreviewTemplate(Body):
    content: WriteContent | None = None
    """A draft; null: the template in force."""
    values: Annotated[dict[Place, Line], Field(max_length=20)] = Field(default_factory=dict)
    """Instead of the samples, by variable."""


class SendSample(Body):
    to: Annotated[str, Field(min_length=1, max_length=254, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """A phone or an email. It goes as far as the sandbox and no further."""


class TemplateQuery(Query):
    message: MessageName | None = None
    channel: ChannelName | None = None
    locale: Locale | None = None
    changed: bool | None = None
    """Only those in the shop's own words (`true`), or in the usual ones (`false`)."""


class ContentView(View):
    subject: str | None
    body: str | None
    template_id: str | None
    fields: dict[str, str] | None
    page: str | None


class BilingualView(View):
    en: str
    zh: str


class VariableView(View):
    name: str
    description: BilingualView
    sample: str
    """In the template's language."""
    is_needed: bool
    """A template without it is refused."""


class TemplateView(View):
    message: str
    channel: ChannelName
    locale: Locale
    description: BilingualView
    variables: list[VariableView]
    content: ContentView | None
    """In force; null: there are no words yet, and nothing is sent."""
    is_default: bool
    """The usual words are in force."""
    version: int

    @classmethod
    def of(cls, thing: Any) -> Self:
        one: Template = thing
        samples = one.message.samples(one.locale)
        return cls(
            message=one.message.name,
            channel=one.channel,  # type: ignore[arg-type]  # a message has no other channels
            locale=one.locale,
            description=BilingualView.of(one.message.what),
            variables=[
                VariableView(
                    name=name,
                    description=BilingualView.of(variable.what),
                    sample=samples[name],
                    is_needed=name in one.message.needed,
                )
                for name, variable in one.message.variables.items()
            ],
            content=ContentView.of(one.content) if one.content else None,
            is_default=one.own is None,
            version=one.version,
        )


class TemplateList(View):
    data: list[TemplateView]


class VersionView(View):
    number: int
    content: ContentView | None
    """Null: the usual words from then on."""
    at: Timestamp
    actor_id: str
    reason: str


class VersionPage(ListOf[VersionView]):
    pass


class VersionQuery(ListQuery):
    pass


class RenderedView(View):
    title: str
    text: str
    segments: int | None
    """How many text messages the phone company counts."""
    template_id: str | None
    fields: dict[str, str] | None
    page: str | None


class SampleSent(View):
    letter_id: str
    to: str
    title: str
    text: str
