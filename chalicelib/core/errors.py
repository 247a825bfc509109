"""What can go wrong, as families. Domains subclass beside the rule that raises; `http` alone knows statuses."""

from typing import Any, ClassVar, Self

from chalicelib.core.text import Locale, Text


class SoukError(Exception):
    """A refusal with a stable `code`, a title, a detail that says what to do next, and typed fields.

    `fields` travel to the client as members of the problem document: never put a secret in one.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[Text] = Text("Error", "错误")
    detail: ClassVar[Text | None] = None

    def __init__(self, **fields: Any) -> None:
        super().__init__(self.code, fields)
        self.fields = fields

    def say(self, locale: Locale) -> str | None:
        return self.detail.say(locale, **self.fields) if self.detail else None

    def joined(self, other: Self) -> Self:
        """What to tell when two parts of one transaction refuse alike: the first, unless overridden."""
        return self


class Invalid(SoukError):
    """A field is well-formed JSON but not acceptable. `errors` lists `{field, code, message}`."""

    code = "invalid"
    title = Text("Some fields are not acceptable", "有字段不符合要求")

    def __init__(self, errors: list[dict[str, str]] | None = None, **fields: Any) -> None:
        super().__init__(**fields)
        self.errors = errors or []

    @classmethod
    def field(cls, field: str, code: str, message: str) -> "Invalid":
        return Invalid([{"field": field, "code": code, "message": message}])


class Malformed(SoukError):
    code = "malformed"
    title = Text("The request cannot be read", "请求无法解析")


class Unauthenticated(SoukError):
    code = "unauthenticated"
    title = Text("Sign in first", "请先登录")
    detail = Text("Send a valid access token.", "请携带有效的访问令牌。")


class Forbidden(SoukError):
    code = "forbidden"
    title = Text("Not allowed", "没有权限")
    detail = Text("Your account may not do this.", "您的账号没有此操作的权限。")


class NotFound(SoukError):
    code = "not_found"
    title = Text("Not found", "未找到")
    detail = Text("There is no such thing here, or it is not yours.", "不存在，或不属于您。")


class Conflict(SoukError):
    code = "conflict"
    title = Text("The state does not allow this", "当前状态不允许此操作")


class PreconditionFailed(SoukError):
    code = "version_conflict"
    title = Text("Somebody changed it first", "内容已被他人修改")
    detail = Text("Read it again, then repeat your change.", "请重新读取后再修改。")


class TooLarge(SoukError):
    code = "too_large"
    title = Text("Too large", "内容过大")


class UnsupportedMedia(SoukError):
    code = "unsupported_media_type"
    title = Text("Unsupported content type", "不支持的内容类型")
    detail = Text("Send application/json.", "请发送 application/json。")


class TooMany(SoukError):
    """Come back in `retry_after` seconds."""

    code = "rate_limited"
    title = Text("Too many requests", "请求过于频繁")
    detail = Text("Try again in {retry_after} seconds.", "请在 {retry_after} 秒后重试。")

    def __init__(self, retry_after: int, **fields: Any) -> None:
        super().__init__(retry_after=max(1, retry_after), **fields)
        self.retry_after = max(1, retry_after)


class Unavailable(SoukError):
    """Something we depend on did not answer in time; nothing was changed, or a retry with the same key is safe."""

    code = "unavailable"
    title = Text("Temporarily unavailable", "服务暂时不可用")
    detail = Text("Try again in {retry_after} seconds.", "请在 {retry_after} 秒后重试。")

    def __init__(self, retry_after: int = 2, **fields: Any) -> None:
        super().__init__(retry_after=retry_after, **fields)
        self.retry_after = retry_after
