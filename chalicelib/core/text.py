"""Words for people, in the two languages of the shop."""

from dataclasses import dataclass
from typing import Literal

Locale = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    zh: str

    def say(self, locale: Locale, **fields: object) -> str:
        return (self.zh if locale == "zh-CN" else self.en).format(**fields)


def choose_locale(accept_language: str | None) -> Locale:
    """The first language we speak in an Accept-Language header, by its q-values; English otherwise."""
    ranked: list[tuple[float, int, Locale]] = []
    for place, part in enumerate((accept_language or "").split(",")[:10]):
        tag, _, params = part.strip().partition(";")
        try:
            quality = float(params.partition("=")[2]) if params else 1.0
        except ValueError:
            continue
        language = tag.strip().lower().partition("-")[0]
        if language == "zh":
            ranked.append((-quality, place, "zh-CN"))
        elif language in ("en", "*"):
            ranked.append((-quality, place, "en"))
    return min(ranked)[2] if ranked else "en"
