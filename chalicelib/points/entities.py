"""A customer's points, and the entries they are the sum of."""

from typing import Any

from chalicelib.core.clock import to_text
from chalicelib.store import Instant, Int, Item, Key, Ref, Text


class PointsAccount(Item, discriminator="points_account"):
    """How many points a customer has: what came in less what went, and never less than none."""

    key = Key("USER#{user_id}", "POINTS", "the points of a customer")

    user_id: Text = Text()
    balance: Int = Int(default=0)
    earned: Int = Int(default=0)
    """All that ever came in."""
    spent: Int = Int(default=0)
    """All that ever went."""


class PointsEntry(Item, discriminator="points_entry"):
    """One change of a customer's points. Its cause is its address: what happened once is one entry."""

    key = Key("POINTS#{user_id}", "{cause}", "what one cause did to a customer's points")
    newest = Key(
        "POINTS_OF#{user_id}",
        "{at}#{entry_id}",
        "a customer's entries of points, newest first",
        index="by_owner",
    )
    indexes = (newest,)

    user_id: Text = Text()
    cause: Text = Text()
    """What it is about, and which one: `adjustment:adj_…`, `merged:<the other account>`."""
    entry_id: Text = Text()
    at: Instant = Instant()
    delta: Int = Int()
    balance: Int = Int()
    """Right after it."""
    reason: Text = Text(default="")
    actor_id: Text = Text()

    @property
    def about(self) -> str:
        return self.cause.partition(":")[0]

    def row(self) -> dict[str, Any]:
        return {
            "id": self.entry_id,
            "at": to_text(self.at),
            "about": self.about,
            "delta": self.delta,
            "balance": self.balance,
            "reason": self.reason,
            "cause": self.cause,
            "actor_id": self.actor_id,
        }


def points_ref(tenant: str, user_id: str) -> Ref:
    return PointsAccount.key.of(tenant, user_id=user_id)
