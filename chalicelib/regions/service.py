"""Looking up divisions, and the answers that clients keep. Pure: the tree is data of the bundle."""

from functools import lru_cache

from chalicelib.core.errors import Invalid, NotFound
from chalicelib.core.text import Locale, Text
from chalicelib.http import Kept
from chalicelib.regions import tree
from chalicelib.regions.schemas import RegionNode, RegionTree, RegionView
from chalicelib.regions.tree import Division

_UNKNOWN = Text(
    "is not the code of a region; see GET /v1/regions", "不是有效的行政区划代码，请参考 GET /v1/regions"
)


def find(code: str) -> Division | None:
    """The division of a code; where a city stands below itself, the lower one."""
    return tree.by_code().get(code)


def unknown(field: str, locale: Locale) -> Invalid:
    return Invalid.field(field, "unknown_region", _UNKNOWN.say(locale))


def below(parent: str | None, depth: int, locale: Locale) -> Kept:
    """What stands under a division, or at the top, `depth` levels of it. Raises Invalid."""
    if parent is not None and find(parent) is None:
        raise unknown("parent", locale)
    return _below(parent, depth)


@lru_cache(maxsize=64)
def _below(parent: str | None, depth: int) -> Kept:
    top = tree.parents().get(parent) if parent else None
    children = top.children if top else [] if parent else tree.provinces()
    return Kept.of(RegionTree(data=[_node(child, depth) for child in children]).model_dump_json())


def one(code: str) -> Kept:
    """A division with the way to it. Raises NotFound."""
    division = find(code)
    if division is None:
        raise NotFound
    return Kept.of(RegionView.of(division).model_dump_json())


def _node(division: Division, depth: int) -> RegionNode:
    """`children` is null below the depth that was asked for, and empty where nothing stands below."""
    children = [_node(child, depth - 1) for child in division.children] if depth > 1 else None
    return RegionNode(code=division.code, name=division.name, level=division.level, children=children)
