"""What each channel takes: the parts a template has there, how long they may be, and how they are rendered. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from chalicelib.core.text import Locale, Text
from chalicelib.notifications.entities import Channel
from chalicelib.notifications.templates.filling import fill, has_stray_brace, names_in
from chalicelib.notifications.templates.messages import Content, Message, words

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    field: str
    code: str
    said: Text
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it leaves."""

    title: str
    text: str
    segments: int | None = None
    """How many text messages the phone company counts."""
    fields: dict[str, str] | None = None
    template_id: str | None = None
    page: str | None = None


class Form(Protocol):
    parts: frozenset[str]
    """Of a template: what may be given."""
    needed: frozenset[str]
    """What has to be."""

    def usual(self, message: Message, locale: Locale) -> Content | None:
        """The words a message comes with; None: the shop has to bring its own."""
        ...

    def too_long(self, content: Content, rendered: Rendered) -> list[Fault]:
        """What does not fit, rendered with the samples."""
        ...

    def render(self, content: Content, values: Values) -> Rendered: ...


def faults(form: Form, message: Message, content: Content, samples: Values) -> list[Fault]:
    """Everything that is wrong with a template."""
    given = content.model_dump(exclude_none=True)
    found = [Fault(part, "not_here", _NOT_HERE, {}) for part in given if part not in form.parts]
    found += [Fault(part, "missing", _MISSING, {}) for part in sorted(form.needed) if not given.get(part)]
    said = texts_of(content)
    for field, text in said.items():
        if has_stray_brace(text):
            found.append(Fault(field, "template_syntax", _SYNTAX, {}))
        for name in dict.fromkeys(names_in(text)):
            if name not in message.variables:
                known = ", ".join(message.variables)
                found.append(Fault(field, "unknown_variable", _UNKNOWN, {"name": name, "known": known}))
    everywhere = {name for text in said.values() for name in names_in(text)}
    if not found:
        body = set(names_in(content.body or "")) if "body" in form.needed else everywhere
        found += [
            Fault("body", "variable_needed", _NEEDED, {"name": name})
            for name in sorted(message.needed - body)
        ]
        found += form.too_long(content, form.render(content, samples))
    return found


def texts_of(content: Content) -> dict[str, str]:
    """The parts of a template that variables may stand in, by field."""
    said = {"subject": content.subject, "body": content.body, "page": content.page}
    said |= {f"fields.{name}": text for name, text in (content.fields or {}).items()}
    return {field: text for field, text in said.items() if text is not None}


@dataclass(frozen=True, slots=True)
class Worded:
    """A title and a text."""

    longest_subject: int
    longest_body: int
    signature: str = ""
    parts = frozenset({"subject", "body"})
    needed = frozenset({"subject", "body"})

    def usual(self, message: Message, locale: Locale) -> Content | None:
        text = words(message.text, locale) + self.signature
        return Content(subject=words(message.title, locale), body=text)

    def too_long(self, content: Content, rendered: Rendered) -> list[Fault]:
        found = []
        if "\n" in rendered.title or "\r" in rendered.title:
            found.append(Fault("subject", "one_line", _ONE_LINE, {}))
        if len(rendered.title) > self.longest_subject:
            found.append(Fault("subject", "too_long", _TOO_LONG, {"most": self.longest_subject}))
        if len(rendered.text) > self.longest_body:
            found.append(Fault("body", "too_long", _TOO_LONG, {"most": self.longest_body}))
        return found

    def render(self, content: Content, values: Values) -> Rendered:
        return Rendered(fill(content.subject or "", values), fill(content.body or "", values))


MOST_SEGMENTS = 3
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")


def segments(text: str) -> int:
    """How many messages a text is sent as (3GPP TS 23.038): 160 characters of the GSM alphabet, 153 each where it takes
    several; with any other character 70, and 67."""
    if all(char in _GSM or char in _GSM_TWICE for char in text):
        units, alone, joined = sum(2 if char in _GSM_TWICE else 1 for char in text), 160, 153
    else:
        units, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)


@dataclass(frozen=True, slots=True)
class Sms:
    """A text and nothing else, of a few segments at most."""

    parts = frozenset({"body"})
    needed = frozenset({"body"})

    def usual(self, message: Message, locale: Locale) -> Content | None:
        title, text = words(message.title, locale), words(message.text, locale)
        stop = "。" if locale == "zh-CN" else ". "
        return Content(body=text if message.says_all else f"{title}{stop}{text}")

    def too_long(self, content: Content, rendered: Rendered) -> list[Fault]:
        counted = rendered.segments or 0
        if counted <= MOST_SEGMENTS:
            return []
        return [Fault("body", "too_long_for_sms", _TOO_MANY, {"segments": counted, "most": MOST_SEGMENTS})]

    def render(self, content: Content, values: Values) -> Rendered:
        text = fill(content.body or "", values)
        return Rendered("", text, segments=segments(text))


_PLACES = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "time": 24,
    "date": 24,
    "amount": 16,
    "phone_number": 17,
    "car_number": 8,
    "name": 10,
    "phrase": 5,
}
"""The kinds of places in a subscribe message, and how many characters WeChat takes in each."""
_PLACE = re.compile(r"([a-z_]+?)([1-9][0-9]?)")
_TEMPLATE_ID = re.compile(r"[A-Za-z0-9_-]{20,64}")
_PAGE = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*(?:\?[A-Za-z0-9_=&.{}-]*)?")


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A WeChat subscribe message: the approved template's id, and what stands in its places."""

    parts = frozenset({"template_id", "fields", "page"})
    needed = frozenset({"template_id", "fields"})

    def usual(self, message: Message, locale: Locale) -> Content | None:
        """None: a template is approved for one merchant."""
        return None

    def too_long(self, content: Content, rendered: Rendered) -> list[Fault]:
        found = []
        if not _TEMPLATE_ID.fullmatch(content.template_id or ""):
            found.append(Fault("template_id", "form", _NO_TEMPLATE_ID, {}))
        if content.page is not None and not _PAGE.fullmatch(content.page):
            found.append(Fault("page", "form", _NO_PAGE, {}))
        for name, text in (content.fields or {}).items():
            most = self._most(name)
            if most == 0:
                found.append(
                    Fault(f"fields.{name}", "unknown_place", _NO_PLACE, {"kinds": ", ".join(_PLACES)})
                )
            elif not names_in(text) and len(text) > most:
                found.append(Fault(f"fields.{name}", "too_long", _TOO_LONG, {"most": most}))
        return found

    def render(self, content: Content, values: Values) -> Rendered:
        """What is too long for its place is cut: WeChat refuses the whole message otherwise."""
        said = {
            name: self._cut(fill(text, values), self._most(name))
            for name, text in (content.fields or {}).items()
        }
        text = "\n".join(f"{name}: {said_there}" for name, said_there in said.items())
        safe = {name: quote(value, safe="") for name, value in values.items()}
        page = None if content.page is None else fill(content.page, safe)
        return Rendered(content.template_id or "", text, None, said, content.template_id, page)

    def _most(self, place: str) -> int:
        found = _PLACE.fullmatch(place)
        return _PLACES.get(found.group(1), 0) if found else 0

    def _cut(self, text: str, most: int) -> str:
        return text if len(text) <= most else f"{text[: max(0, most - 1)]}…"


FORMS: dict[Channel, Form] = {
    "in_app": Worded(80, 500),
    "mail": Worded(120, 5000, "\n\n{shop}"),
    "sms": Sms(),
    "wechat": Subscribe(),
}
_NOT_HERE = Text("is no part of a template of this channel", "此渠道的模板没有该项")
_MISSING = Text("is missing", "不能为空")
_SYNTAX = Text("has a brace that is no variable's: write {{name}}", "含有多余的大括号：变量应写作 {{name}}")
_UNKNOWN = Text(
    "{name} is no variable of this message; there are: {known}", "此消息没有变量 {name}，可用：{known}"
)
_NEEDED = Text("must say {name} somewhere", "必须包含变量 {name}")
_TOO_LONG = Text("takes at most {most} characters", "最多 {most} 个字符")
_TOO_MANY = Text(
    "would go out as {segments} text messages; at most {most}", "将拆分为 {segments} 条短信，最多 {most} 条"
)
_ONE_LINE = Text("must be one line", "必须为单行")
_NO_TEMPLATE_ID = Text("is not the id of a WeChat template", "不是有效的微信模板 ID")
_NO_PAGE = Text("is not a page of a mini-program", "不是有效的小程序页面路径")
_NO_PLACE = Text(
    "is no place of a WeChat template: {kinds}, with a number", "不是有效的模板字段：{kinds} 加数字"
)
