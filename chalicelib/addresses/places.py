"""Where an address lies. Pure: a region's code and the names of province, city and district say the same thing."""

from collections.abc import Mapping
from typing import Any

from chalicelib.core.errors import Invalid
from chalicelib.core.text import Locale, Text
from chalicelib.regions import service as regions
from chalicelib.regions.tree import LEVELS, Division

COUNTRY = "CN"

_MISSING = Text("is required without a region_code", "未提供 region_code 时为必填项")
_ELSEWHERE = Text("is for addresses in CN; leave it out", "仅适用于中国大陆地址，请勿填写")
_TOO_WIDE = Text("names more than a district; choose one below it", "请选择到区县一级")
_DIFFERS = Text(
    "is {name} for this region_code; say so, or leave it out", "与 region_code 不符，应为{name}，可以不填"
)


def settled(fields: Mapping[str, Any], locale: Locale) -> dict[str, Any]:
    """The fields of an address with its place complete: names that were left out come from the region's code.

    Raises Invalid, with an entry for each field that is missing or says something else than the code.
    """
    code = fields["region_code"]
    if code is None:
        missing = [(level, "missing", _MISSING.say(locale)) for level in LEVELS if fields[level] is None]
        return _unless(missing, {**fields})
    if fields["country"] != COUNTRY:
        raise Invalid.field("region_code", "not_in_country", _ELSEWHERE.say(locale))
    division = regions.find(code)
    if division is None:
        raise regions.unknown("region_code", locale)
    if division.level != "district":
        raise Invalid.field("region_code", "region_too_wide", _TOO_WIDE.say(locale))
    names = {step.level: step for step in division.path}
    differing = [
        (level, "differs_from_region", _DIFFERS.say(locale, name=names[level].name))
        for level in LEVELS
        if not _means(fields[level], names[level])
    ]
    return _unless(differing, {**fields, **{level: fields[level] or names[level].name for level in LEVELS}})


def _means(said: str | None, division: Division) -> bool:
    """A level that only holds others together (市辖区) may go by the name of what it is in: 北京市."""
    if said is None or said == division.name:
        return True
    return division.is_collective and said == division.above[-1].name


def _unless(faults: list[tuple[Any, str, str]], fields: dict[str, Any]) -> dict[str, Any]:
    if faults:
        raise Invalid([{"field": field, "code": code, "message": message} for field, code, message in faults])
    return fields
