"""What a member has spent, what earns a level, and segments: filters with a name."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.members.filters import Filter
from chalicelib.store import Instant, Item, Key, Ref, Text, Value

EarnedLevel = Literal["member", "vip"]
MOST_MONTHS = 24


class Spending(Item, discriminator="spending"):
    """What a member's completed orders came to, by month; older months than any rule looks at are let go."""

    key = Key("USER#{user_id}", "SPENDING", "what a member has spent, by month")

    user_id: Text = Text()
    months: Value[dict[str, int]] = Value(dict[str, int], default=dict)
    """`2036-03` in the shop's time zone → minor units of the shop's currency."""


class LevelRule(BaseModel):
    """Who has spent this much within so many months, this one included, has earned the level."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    level: EarnedLevel
    spent: Annotated[int, Field(ge=1, le=10**12)]
    """Minor units of the shop's currency."""
    months: Annotated[int, Field(ge=1, le=MOST_MONTHS)]


class LevelRules(Item, discriminator="level_rules"):
    """What earns a level in this shop. Nothing does until somebody says so."""

    key = Key("MEMBER_LEVELS", "RULES", "what earns a member level")

    rules: Value[list[LevelRule]] = Value(list[LevelRule], default=list)


class Segment(Item, discriminator="segment"):
    """A filter over members that staff come back to."""

    key = Key("SEGMENTS", "{segment_id}", "all segments, one by id")

    segment_id: Text = Text()
    name: Text = Text()
    filter: Value[Filter] = Value(Filter)
    created_at: Instant = Instant()

    @property
    def shown(self) -> dict[str, Any]:
        return {"id": self.segment_id, "name": self.name, **self.filter.model_dump(exclude_none=True)}


def spending_ref(tenant: str, user_id: str) -> Ref:
    return Spending.key.of(tenant, user_id=user_id)


def level_rules_ref(tenant: str) -> Ref:
    return LevelRules.key.of(tenant)
