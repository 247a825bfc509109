"""What somebody looks for among members. Pure: a filter fits a row of the list, or does not."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chalicelib.identity.entities import Level, UserStatus

MOST_TAGS = 20
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=r"^[^\x00-\x1f\x7f;]*$"),
]
"""Any words but a semicolon, which stands between them in a file."""
Words = Annotated[str, Field(min_length=1, max_length=50)]


class Filter(BaseModel):
    """All of what is given must fit."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    status: UserStatus | None = None
    level: Level | None = None
    tag: str | None = None
    adviser_id: str | None = None
    q: str | None = None
    """Part of the name, in any case."""

    @property
    def is_empty(self) -> bool:
        return all(value is None for _, value in self)

    def fits(self, row: dict[str, Any]) -> bool:
        return (
            self.status in (None, row["status"])
            and self.level in (None, row["level"])
            and self.adviser_id in (None, row["adviser_id"])
            and (self.tag is None or self.tag in row["tags"])
            and (self.q is None or self.q.casefold() in row["name"].casefold())
        )
