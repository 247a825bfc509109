"""What a parameter's value may be: one small class for each kind of value. Pure."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from chalicelib.core.text import Text

KindName = Literal["switch", "integer", "choices", "url"]
Setting = bool | int | str | list[str]
"""What a parameter may hold: a switch, a whole number, a text, a list of words."""


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    said: Text
    fields: dict[str, Any]


class Kind(Protocol):
    name: ClassVar[KindName]

    def fault(self, value: Setting, most: int | None) -> Fault | None:
        """What is wrong with a value; None: nothing. `most` is a bound that is lower than the declared one."""
        ...


@dataclass(frozen=True, slots=True)
class Switch:
    name: ClassVar[KindName] = "switch"

    def fault(self, value: Setting, most: int | None) -> Fault | None:
        return None if isinstance(value, bool) else Fault("type", _NO_SWITCH, {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`, in `unit`."""

    name: ClassVar[KindName] = "integer"
    least: int
    most: int
    unit: str

    def fault(self, value: Setting, most: int | None) -> Fault | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return Fault("type", _NO_NUMBER, {})
        top = self.most if most is None else min(most, self.most)
        if not self.least <= value <= top:
            return Fault("out_of_range", _OUT_OF_RANGE, {"least": self.least, "most": top})
        return None


@dataclass(frozen=True, slots=True)
class Choices:
    """At least one of `options`, each once."""

    name: ClassVar[KindName] = "choices"
    options: tuple[str, ...]

    def fault(self, value: Setting, most: int | None) -> Fault | None:
        if not isinstance(value, list) or not value or len(set(value)) != len(value):
            return Fault("type", _NO_LIST, {})
        strange = [word for word in value if word not in self.options]
        return Fault("unknown_option", _NO_OPTION, {"options": ", ".join(self.options)}) if strange else None


@dataclass(frozen=True, slots=True)
class Url:
    """An address of a host by name, over HTTPS, without query; or empty: none."""

    name: ClassVar[KindName] = "url"

    def fault(self, value: Setting, most: int | None) -> Fault | None:
        if value == "" or (isinstance(value, str) and len(value) <= _LONGEST_URL and _URL.fullmatch(value)):
            return None
        return Fault("url", _NO_URL, {})


_LONGEST_URL = 300
_URL = re.compile(r"https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(?:/[A-Za-z0-9._~-]+)*")
_NO_SWITCH = Text("must be true or false", "必须为 true 或 false")
_NO_NUMBER = Text("must be a whole number", "必须为整数")
_OUT_OF_RANGE = Text("must be from {least} to {most}", "必须在 {least} 到 {most} 之间")
_NO_LIST = Text("must be a list of at least one word, each once", "必须为非空且不重复的列表")
_NO_OPTION = Text("may hold: {options}", "可选值：{options}")
_NO_URL = Text(
    "must be https://, the name of a host and a path, without a final slash",
    "必须是 https:// 开头的域名地址，末尾不带斜杠",
)
