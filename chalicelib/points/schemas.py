"""API shapes of points."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.http import Body, Delta, ListOf, Timestamp, View


class PointsView(View):
    balance: int
    earned: int
    """All that ever came in."""
    spent: int
    """All that ever went."""


class PointsRow(View):
    """One change of a customer's points."""

    id: str
    at: Timestamp
    about: Literal["adjustment", "merged"]
    """`adjustment`: by staff. `merged`: two accounts of one person became one."""
    delta: int
    balance: int
    """Right after it."""
    reason: str


class PointsPage(ListOf[PointsRow]):
    pass


class StaffPointsRow(PointsRow):
    cause: str
    """There is one entry for one cause."""
    actor_id: str


class StaffPointsPage(ListOf[StaffPointsRow]):
    pass


class AdjustPoints(Body):
    delta: Delta
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    """The customer reads it too."""
