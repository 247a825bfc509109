"""The API's shapes of regions."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.http import Query, View

RegionCode = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$", examples=["330106"])]
"""Six digits of GB/T 2260."""
RegionLevel = Literal["province", "city", "district"]


class RegionQuery(Query):
    parent: RegionCode | None = None
    """What stands below this one; without it, the provinces."""
    depth: Annotated[int, Field(ge=1, le=3)] = 1
    """How many levels at once: 3 from the top is the whole tree, 3,231 divisions."""


class RegionName(View):
    code: str
    name: str
    level: RegionLevel


class RegionNode(RegionName):
    children: list["RegionNode"] | None
    """Null where the depth asked for ends."""


class RegionTree(View):
    data: list[RegionNode]


class RegionView(RegionName):
    path: list[RegionName]
    """From the province down to this one."""
